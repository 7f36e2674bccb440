import { type EntryKind, entryOf, findRuntime, shellOf } from '../../environment/entry.js';
import type { EnvironmentSpec } from '../../environment/environmentSpec.js';

/** A script that runs our package in an environment on a node. */
export interface EnteredProgram {
  /** The script's own file name: it starts itself once more where the entry needs another surrounding. */
  readonly file: string;
  /** Our wheel, which lies beside it. */
  readonly wheel: string;
  readonly environment: EnvironmentSpec;
  /** Shell that runs on the node itself, before the environment is entered. */
  readonly before?: string;
  /** Shell words behind the interpreter; `$here` is the job's folder. */
  readonly words: string;
}

/**
 * What a job runs: enters the environment on the node, then becomes the program.
 *
 * It is started by whatever `sh` the grid has; where the entry needs another surrounding (bash, a container) it starts itself
 * there once more, as `<file> entered`. The interpreter unpacks the wheel itself, since a node need not have `unzip`;
 * `PYTHONPATH` is set after the environment was entered, for a set-up script may set it too; the program starts in an empty folder.
 */
export function enteringScript({ file, wheel, environment, before = '', words }: EnteredProgram): string {
  const inside: EntryKind = environment.kind === 'container' ? 'python' : environment.kind;
  return `#!/bin/sh
here=$(pwd)
sitespan_where='on this node'
${assignments(environment)}
if [ "\${1-}" != entered ]; then
${before}
${outside(file, environment)}
fi
shift $#
mkdir -p work
${environment.kind === 'container' ? 'sitespan_what=$sitespan_python' : ''}
${entryOf(inside)}
set -eu
"$sitespan_python" -m zipfile -e ${quoted(wheel)} lib
export PYTHONPATH="$here/lib\${PYTHONPATH:+:$PYTHONPATH}"
cd work
exec "$sitespan_python" ${words}
`;
}

function assignments(environment: EnvironmentSpec): string {
  switch (environment.kind) {
    case 'python':
      return `sitespan_what=${quoted(environment.python)}`;
    case 'script':
      return `sitespan_what=${quoted(environment.script)} sitespan_python=${quoted(environment.python)}`;
    case 'conda':
      return `sitespan_what=${quoted(environment.prefix)}`;
    case 'container':
      return `sitespan_what=${quoted(environment.image)} sitespan_python=${quoted(environment.python)}`;
  }
}

/** Whoever needs nothing around goes on in the same shell. */
function outside(file: string, environment: EnvironmentSpec): string {
  const again = `"$here/${file}" entered`;
  if (environment.kind === 'container') return contained(environment.binds ?? [], again);
  if (shellOf(environment.kind) === 'sh') return ':';
  return `command -v bash >/dev/null 2>&1 || {
  printf 'sitespan: this node has no bash, which %s needs; choose another environment for the pool.\\n' "$sitespan_what" >&2
  exit 3
}
exec bash --norc ${again}`;
}

/**
 * Inside are seen: the job's folder, CVMFS and the user's proxy where the node has them, the GPUs, and what the pool asks for.
 * The runtime hands the environment on; only what the node has on Python's paths is not the image's.
 */
function contained(binds: readonly string[], again: string): string {
  return `unset PYTHONPATH PYTHONHOME
${findRuntime}
set -- exec --bind "$here" --pwd "$here"${binds.map((folder) => ` --bind ${quoted(folder)}`).join('')}
for sitespan_bind in /cvmfs "\${X509_USER_PROXY-}" "\${X509_CERT_DIR-}"; do
  # The runtime reads a colon as "as", a comma as "and".
  case $sitespan_bind in *[:,]*) continue ;; esac
  [ -e "$sitespan_bind" ] && set -- "$@" --bind "$sitespan_bind"
done
[ -e /dev/nvidiactl ] && set -- "$@" --nv
exec "$sitespan_runtime" "$@" "$sitespan_what" /bin/sh ${again}`;
}

/** A word of POSIX sh that is exactly `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
