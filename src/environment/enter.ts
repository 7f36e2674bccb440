import { SitespanError } from '../base/errors.js';
import { childEnvironment, pythonEnvironment } from './childEnvironment.js';
import { type EntryKind, entryOf, findRuntime } from './entry.js';
import type { EnvironmentSpec } from './environmentSpec.js';

/** A process to start: never a shell line; `env` is all it gets. */
export interface Entered {
  /** An absolute path, unless an interpreter was given as a relative one. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Surroundings {
  /** Variables that the process has whatever a set-up script does. */
  readonly additions?: Readonly<Record<string, string>>;
  /** What is entered from; this process's environment unless told otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folders that must be seen inside of a container, beside our package. */
  readonly folders?: readonly string[];
}

/**
 * How to run the environment's Python with `args`, and with our package before all that the environment has on `PYTHONPATH`
 * (docs/environments.md). Nothing is started or looked at: what is not there shows when the command runs, as a sentence
 * on stderr and exit code 3; for a plain interpreter, as the system's own error.
 *
 * @throws SitespanError `container-path` for a folder that cannot be bound into a container
 */
export function enter(
  spec: EnvironmentSpec,
  packageFolder: string,
  args: readonly string[],
  surroundings: Surroundings = {},
): Entered {
  const { additions = {}, env = process.env, folders = [] } = surroundings;
  switch (spec.kind) {
    case 'python':
      return {
        // env(1) looks for a name in PATH.
        ...(spec.python.includes('/')
          ? { command: spec.python, args: [...args] }
          : { command: '/usr/bin/env', args: [spec.python, ...args] }),
        env: pythonEnvironment(packageFolder, additions, env),
      };
    case 'script':
      return inBash('script', spec.script, spec.python, packageFolder, args, { additions, env });
    case 'conda':
      return inBash('conda', withoutEnd(spec.prefix), 'python', packageFolder, args, { additions, env });
    case 'container':
      return inContainer(spec, packageFolder, args, { additions, env, folders });
  }
}

/**
 * Names of additions come as arguments, and their values do not: arguments can be read by everybody on the computer.
 *
 * `PYTHONPATH` and the additions are set last, for a set-up script may set the same.
 */
const bashTail = `
export PYTHONPATH="$sitespan_package\${PYTHONPATH:+:$PYTHONPATH}"
for sitespan_index in "\${!sitespan_names[@]}"; do
  export "\${sitespan_names[$sitespan_index]}=\${sitespan_values[$sitespan_index]}"
done
exec "$sitespan_python" "$@"
`;

const bashHead = `
sitespan_where='on this computer' sitespan_what=$1 sitespan_python=$2 sitespan_package=$3 sitespan_count=$4
shift 4
sitespan_names=() sitespan_values=()
while [ "$sitespan_count" -gt 0 ]; do
  sitespan_names+=("$1") sitespan_values+=("\${!1}")
  sitespan_count=$((sitespan_count - 1))
  shift
done
`;

function inBash(
  kind: EntryKind,
  what: string,
  python: string,
  packageFolder: string,
  args: readonly string[],
  { additions, env }: Required<Pick<Surroundings, 'additions' | 'env'>>,
): Entered {
  const names = Object.keys(additions).filter((name) => /^[A-Za-z_]\w*$/.test(name));
  // Without --norc bash takes a pipe of ours for a remote login and reads the user's start-up files.
  const parameters = [what, python, packageFolder, String(names.length), ...names];
  const { PYTHONHOME: _ofAnother, ...clean } = childEnvironment(additions, env);
  return {
    command: '/usr/bin/env',
    args: ['bash', '--norc', '-c', `${bashHead}${entryOf(kind)}${bashTail}`, 'sitespan-enter', ...parameters, ...args],
    env: clean,
  };
}

/** Inside, only our package is put in front of what the image has; what this computer has on its paths is not the image's. */
const insideContainer = `export PYTHONPATH="$1\${PYTHONPATH:+:$PYTHONPATH}"; shift; exec "$@"`;

const containerProgram = `
sitespan_where='on this computer' sitespan_what=$1
shift
${findRuntime}
exec "$sitespan_runtime" "$@"
`;

function inContainer(
  spec: Extract<EnvironmentSpec, { kind: 'container' }>,
  packageFolder: string,
  args: readonly string[],
  { additions, env, folders }: Required<Surroundings>,
): Entered {
  const binds = [...new Set([packageFolder, ...folders, ...(spec.binds ?? [])])].flatMap((folder) => [
    '--bind',
    bindable(folder),
  ]);
  const inside = ['/bin/sh', '-c', insideContainer, 'sitespan-enter', packageFolder, spec.python, ...args];
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...clean } = childEnvironment(additions, env);
  return {
    command: '/bin/sh',
    args: ['-c', containerProgram, 'sitespan-enter', spec.image, 'exec', ...binds, spec.image, ...inside],
    env: clean,
  };
}

/** The runtime reads a colon as "as", a comma as "and". */
function bindable(folder: string): string {
  if (!/[:,]/.test(folder)) return folder;
  throw new SitespanError(
    'container-path',
    `The folder ${folder} on this computer cannot be bound into a container, since its path has ":" or ","; use a folder without.`,
  );
}

function withoutEnd(folder: string): string {
  return folder.length > 1 ? folder.replace(/\/+$/, '') : folder;
}
