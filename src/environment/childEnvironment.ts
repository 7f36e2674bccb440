/**
 * What an editor or a package manager leaves in the environment and what breaks a Python or Node that is started from there.
 *
 * VS Code's own Node obeys `ELECTRON_RUN_AS_NODE` and `NODE_OPTIONS`; a snap sets library and desktop paths for itself.
 */
const leftovers = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|SNAP$|SNAP_|npm_)/;

/** VS Code's snap keeps here what it has overwritten. */
const snapOriginal = /^(.+)_VSCODE_SNAP_ORIG$/;

/** Lists of paths in which a snap puts its own libraries and desktop files before the user's. */
const snapLists =
  /^(LD_LIBRARY_PATH|LD_PRELOAD|GTK_|GIO_|GDK_|GSETTINGS_|FONTCONFIG_|LOCPATH$|XDG_DATA_|XDG_CONFIG_DIRS$)/;

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
    if (value === undefined || leftovers.test(name) || snapOriginal.test(name)) continue;
    const kept = snapLists.test(name) ? withoutSnaps(value, env['HOME']) : value;
    if (kept !== undefined) clean[name] = kept;
  }
  for (const [name, value] of Object.entries(env)) {
    const original = snapOriginal.exec(name)?.[1];
    if (original === undefined || value === undefined) continue;
    if (value === '') delete clean[original];
    else clean[original] = value;
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

/** A list of paths without those of a snap; undefined if nothing else was in it. A list of the user's alone stays as it is. */
function withoutSnaps(list: string, home: string | undefined): string | undefined {
  const paths = list.split(':');
  const kept = paths.filter((path) => !isOfSnap(path, home));
  if (kept.length === paths.length) return list;
  return kept.every((path) => path === '') ? undefined : kept.join(':');
}

/** A snap is mounted in /snap; what it writes for one user lies in `~/snap/<name>`. */
function isOfSnap(path: string, home: string | undefined): boolean {
  return path.startsWith('/snap/') || (home !== undefined && home !== '' && path.startsWith(`${home}/snap/`));
}
