import { type EntryKind, entryOf, findRuntime, shellOf } from '../../environment/entry.js';
import type { EnvironmentSpec } from '../../environment/environmentSpec.js';

/**
 * A job's `start.sh`: enters the pool's environment on the node, then becomes the worker.
 *
 * It is started by whatever `sh` the grid has; where the entry needs another surrounding (bash, a container) it starts itself
 * there once more, as `start.sh entered`. The interpreter unpacks the wheel itself, since a node need not have `unzip`;
 * `PYTHONPATH` is set after the environment was entered, for a set-up script may set it too; the worker starts in an empty folder.
 */
export function startScript(wheel: string, environment: EnvironmentSpec): string {
  const inside: EntryKind = environment.kind === 'container' ? 'python' : environment.kind;
  return `#!/bin/sh
here=$(pwd)
sitespan_where='on this node'
${assignments(environment)}
if [ "\${1-}" != entered ]; then
${outside(environment)}
fi
shift $#
mkdir -p work
${inside === 'python' && environment.kind === 'container' ? 'sitespan_what=$sitespan_python' : ''}
${entryOf(inside)}
set -eu
"$sitespan_python" -m zipfile -e ${quoted(wheel)} lib
export PYTHONPATH="$here/lib\${PYTHONPATH:+:$PYTHONPATH}"
cd work
exec "$sitespan_python" -m sitespan.worker --join "$here/join.json"
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
function outside({ kind }: EnvironmentSpec): string {
  if (kind === 'container') {
    // What the node has on its paths is not the image's.
    return `unset PYTHONPATH PYTHONHOME
${findRuntime}
exec "$sitespan_runtime" exec --bind "$here" --pwd "$here" "$sitespan_what" /bin/sh "$here/start.sh" entered`;
  }
  if (shellOf(kind) === 'sh') return ':';
  return `command -v bash >/dev/null 2>&1 || {
  printf 'sitespan: this node has no bash, which %s needs; choose another environment for the pool.\\n' "$sitespan_what" >&2
  exit 3
}
exec bash --norc "$here/start.sh" entered`;
}

/** A word of POSIX sh that is exactly `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
