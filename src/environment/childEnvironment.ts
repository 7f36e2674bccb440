/**
 * What an editor or a package manager leaves in the environment and what breaks a Python or Node that is started from there.
 *
 * VS Code's own Node obeys `ELECTRON_RUN_AS_NODE` and `NODE_OPTIONS`; snaps set library paths for themselves.
 */
const leftovers = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|SNAP|npm_)/;

/**
 * The environment for a child of ours: the given one without leftovers, and with `additions`.
 *
 * @param env this process's, unless told otherwise
 */
export function childEnvironment(
  additions: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !leftovers.test(name)) clean[name] = value;
  }
  return { ...clean, ...additions };
}

/**
 * The same for a child of the user's Python: our package first, and after it what the user's own `PYTHONPATH` has, where a set-up
 * script put the packages of an experiment.
 */
export function pythonEnvironment(
  packageFolder: string,
  additions: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const clean = childEnvironment(additions, env);
  const own = clean['PYTHONPATH'];
  return { ...clean, PYTHONPATH: own === undefined || own === '' ? packageFolder : `${packageFolder}:${own}` };
}

/** The same for a child that runs our own bundle with this process's Node, which may be VS Code's. */
export function nodeEnvironment(): Record<string, string> {
  return childEnvironment('electron' in process.versions ? { ELECTRON_RUN_AS_NODE: '1' } : {});
}
