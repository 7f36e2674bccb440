import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { type Candidate, condaPrefix, interpreter } from './candidate.js';

/** What finding looks at; all of it is given, so that the same files are the same answer. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The folder of the notebook or the window. */
  readonly workspace: string | undefined;
  /** `/cvmfs`. */
  readonly cvmfs: string;
  /** `x86_64` or `aarch64`. */
  readonly machine: string;
}

type Found = readonly (Candidate | undefined)[];

/** `.venv` in the workspace and in the folders above it, the nearest first. */
export function ofWorkspace({ workspace }: Surroundings): Promise<Found> {
  const folders: string[] = [];
  for (let folder = workspace; folder !== undefined && isAbsolute(folder); folder = dirname(folder)) {
    folders.push(folder);
    if (folder === dirname(folder)) break;
  }
  return Promise.all(
    folders.flatMap((folder) =>
      ['.venv', 'venv'].map((name) => interpreter(join(folder, name, 'bin', 'python'), undefined)),
    ),
  );
}

/** What the terminal has activated. */
export async function ofActivated({ env }: Surroundings): Promise<Found> {
  const [venv, conda] = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].map((path) =>
    path && isAbsolute(path) ? path : undefined,
  );
  return Promise.all([
    venv === undefined ? undefined : interpreter(join(venv, 'bin', 'python'), undefined),
    conda === undefined ? undefined : condaPrefix(conda, undefined),
  ]);
}

/** Interpreters in PATH: `python3`, then `python`, then those with a version, the newest first. */
export async function ofPath({ env }: Surroundings): Promise<Found> {
  const folders = (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(isAbsolute);
  const listed = await Promise.all(
    // pyenv's shims are scripts that stand for its versions, which are found as such.
    folders
      .filter((folder) => !folder.endsWith('/shims'))
      .map(async (folder) => ({ folder, names: await list(folder) })),
  );
  const all = listed.flatMap(({ folder, names }) =>
    names.filter((name) => /^python(3(\.\d+)?)?$/.test(name)).map((name) => ({ folder, name })),
  );
  const rank = (name: string): number => ({ python3: 2000, python: 1000 })[name] ?? Number(name.split('.')[1] ?? 0);
  const ordered = all
    .map((one, index) => ({ ...one, index }))
    .sort((a, b) => rank(b.name) - rank(a.name) || a.index - b.index);
  return Promise.all(ordered.map(({ folder, name }) => interpreter(join(folder, name), `${name} in PATH`)));
}

const condaBases = [
  'miniforge3',
  'mambaforge',
  'miniconda3',
  'anaconda3',
  'micromamba',
  '.conda',
  '.local/share/mamba',
  'opt/miniconda3',
];
const sharedBases = ['/opt/conda', '/opt/miniforge3', '/opt/miniconda3', '/opt/anaconda3'];

/** Every conda and mamba environment: those conda wrote down, and those in the usual places. */
export async function ofConda({ env, home }: Surroundings): Promise<Found> {
  const known = (await text(join(home, '.conda', 'environments.txt'))).split('\n').map((line) => line.trim());
  const told = [env['CONDA_PREFIX'], env['MAMBA_ROOT_PREFIX'], env['CONDA_EXE'] && dirname(dirname(env['CONDA_EXE']))];
  const bases = [...told.flatMap((base) => base ?? []), ...condaBases.map((name) => join(home, name)), ...sharedBases];
  const inside = await Promise.all(
    bases.map(async (base) => [base, ...(await list(join(base, 'envs'))).map((name) => join(base, 'envs', name))]),
  );
  return Promise.all([...known, ...inside.flat()].filter(isAbsolute).map((prefix) => condaPrefix(prefix, undefined)));
}

export async function ofPyenv({ env, home }: Surroundings): Promise<Found> {
  const versions = join(env['PYENV_ROOT'] ?? join(home, '.pyenv'), 'versions');
  const names = (await list(versions)).sort(newestFirst);
  return Promise.all(names.map((name) => interpreter(join(versions, name, 'bin', 'python'), `pyenv ${name}`)));
}

/** There are hundreds of views; the newest releases are what is wanted. */
const viewReleases = 4;
const viewsOfRelease = 4;

/** LCG views for this kind of machine: `lcg/views/<release>/<platform>/setup.sh`. */
export async function ofCvmfsViews({ cvmfs, machine }: Surroundings): Promise<Found> {
  const views = join(cvmfs, 'sft.cern.ch', 'lcg', 'views');
  const releases = (await list(views)).filter((name) => /^LCG_\d+[a-z]*$/.test(name)).sort(newestFirst);
  const found = await Promise.all(
    releases.slice(0, viewReleases).map(async (release) => {
      const platforms = (await list(join(views, release))).filter((name) => name.startsWith(`${machine}-`));
      // Optimised builds are for use, the others for those who make them.
      const ordered = platforms.sort(
        (a, b) => Number(b.endsWith('-opt')) - Number(a.endsWith('-opt')) || newestFirst(a, b),
      );
      return Promise.all(
        ordered
          .slice(0, viewsOfRelease)
          .map((platform) => viewIn(join(views, release, platform), `${release} ${platform}`)),
      );
    }),
  );
  return found.flat();
}

/** Images of coffea as CVMFS has them unpacked, where this computer can enter one. */
export async function ofContainers({ env, cvmfs }: Surroundings): Promise<Found> {
  if ((await containerRuntime(env)) === undefined) return [];
  const images = join(cvmfs, 'unpacked.cern.ch', 'registry.hub.docker.com', 'coffeateam');
  const names = (await list(images)).sort(newestFirst);
  return names.slice(0, 4).map((name) => {
    const image = join(images, name);
    return { spec: { kind: 'container', image, python: 'python3' }, label: `container ${name}`, identity: image };
  });
}

/** apptainer or singularity in PATH. */
export async function containerRuntime(env: Surroundings['env']): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  for (const name of ['apptainer', 'singularity']) {
    for (const folder of folders) {
      const path = join(folder, name);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return path;
    }
  }
  return undefined;
}

async function viewIn(folder: string, label: string): Promise<Candidate | undefined> {
  const script = join(folder, 'setup.sh');
  const readable = await access(script, constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable ? { spec: { kind: 'script', script, python: 'python3' }, label, identity: script } : undefined;
}

/** What cannot be listed has nothing. */
function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function newestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}
