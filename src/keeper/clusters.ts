import { randomBytes } from 'node:crypto';
import { access, constants, cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import type { z } from 'zod';
import { adoptKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { installationId } from '../base/installation.js';
import { inTurn } from '../base/inTurn.js';
import { readJournal } from '../base/journal.js';
import { stateFolder } from '../base/runtimePaths.js';
import { storageTrouble } from '../base/storageTrouble.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { checkEnvironment } from '../environment/checkEnvironment.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import type { GridSpec } from '../grid/gridSpec.js';
import { clusterName } from './api.js';
import {
  type adaptingPace,
  ClusterFolder,
  type ClusterLimits,
  type ClusterSettings,
  clusterSettings,
  environmentOf,
  type LocalSite,
} from './clusterFolder.js';
import { clustersOfFormerNames, placeOf } from './clusterPlace.js';
import { fact } from './fact.js';
import { withoutDefaults } from './otherVersion.js';
import { newUserKey } from './ownRelay.js';

export interface NewCluster {
  readonly name: string;
  /** The interpreter of scheduler and kernels: a path, or a name in PATH. Not used where there is an `environment`. */
  readonly python?: string;
  /** How to get the Python of scheduler and kernels; without it, `python`. */
  readonly environment?: EnvironmentSpec;
  readonly localSites: readonly LocalSite[];
  /** Besides this computer, by the name that pools give. */
  readonly grids?: Readonly<Record<string, GridSpec>>;
  readonly relay?: ClusterSettings['relay'];
  /** For a relay that others run. */
  readonly tenant?: string;
  /** Hex of 32 bytes, shared with that relay. */
  readonly userKey?: string;
  readonly limits?: Partial<ClusterLimits>;
  readonly adapting?: z.input<typeof adaptingPace>;
  /** Made to look at sites and for nothing else: nobody starts it again once it has ended. */
  readonly onlyProbes?: true;
  /** Folder with our bundle, wheel and unpacked package: what a cluster is born with. */
  readonly bundle: string;
  readonly signal?: AbortSignal;
}

/** How many ended clusters' folders are kept, for their logs. */
const endedKept = 10;

/** Every cluster of this user on this computer, by name. */
export async function listClusters(): Promise<ClusterFolder[]> {
  const state = await stateFolder();
  const folders = await foldersIn(state);
  const open = await Promise.all(
    folders.map(async (folder) => (await placeOf(folder)) !== 'elsewhere' && !(await isKnownToHaveEnded(folder))),
  );
  return [...folders.filter((_, index) => open[index]), ...(await clustersOfFormerNames(state))];
}

/** Those that lie here and run where this process cannot see them: in a container or on a computer that shares home and host name. */
export async function listClustersElsewhere(): Promise<ClusterFolder[]> {
  const folders = await foldersIn(await stateFolder());
  const places = await Promise.all(folders.map((folder) => placeOf(folder).catch(() => undefined)));
  return folders.filter((_, index) => places[index] === 'elsewhere');
}

async function foldersIn(state: string): Promise<ClusterFolder[]> {
  const names = (await readdir(state)).filter((name) => clusterName.safeParse(name).success).sort();
  return names.map((name) => new ClusterFolder(join(state, name)));
}

/** @throws SitespanError `cluster-unknown`, `cluster-elsewhere` */
export async function findCluster(name: string): Promise<ClusterFolder> {
  const state = await stateFolder();
  const folder = new ClusterFolder(join(state, checkedName(name)));
  const place = await placeOf(folder);
  const former = (await clustersOfFormerNames(state)).find(({ path }) => basename(path) === name);
  if (place !== 'here' && former !== undefined) return former;
  if (place === 'elsewhere') throw elsewhere(name);
  if (await hasEnded(folder)) {
    throw new SitespanError(
      'cluster-unknown',
      `The cluster ${name} on this computer has ended; "sitespan list" shows those that run.`,
    );
  }
  await folder.readSettings();
  return folder;
}

/**
 * Makes a cluster's folder: its settings, its own CA, its user key and its copy of our code. Nothing of it is started; its
 * environment is asked what it has.
 *
 * @throws SitespanError `name-invalid`, `cluster-exists`, `python-missing`; what `checkEnvironment` says of the environment
 */
export async function createCluster(wish: NewCluster): Promise<ClusterFolder> {
  const name = checkedName(wish.name);
  const environment = await findable(wish.environment ?? environmentOf({ python: wish.python ?? 'python3' }));
  await checkEnvironment(environment, join(wish.bundle, 'python'), 'cluster', wish.signal);
  const state = await stateFolder();
  const target = new ClusterFolder(join(state, name));
  if ((await clustersOfFormerNames(state)).some(({ path }) => basename(path) === name)) throw clusterExists(name);
  const made = new ClusterFolder(await newFolder(state, name));
  try {
    const settings: ClusterSettings = clusterSettings.parse({
      version: 1,
      name,
      id: `${name}-${randomBytes(3).toString('hex')}`,
      tenant: wish.tenant ?? 'me',
      python: interpreterOf(environment),
      ...(environment.kind === 'python' ? {} : { environment }),
      relay: wish.relay ?? { kind: 'own' },
      localSites: wish.localSites,
      grids: wish.grids,
      // An older program refuses what it does not know, and jobs of this computer need no such mark.
      ...(Object.keys(wish.grids ?? {}).length > 0 ? { installation: await installationId(state) } : {}),
      limits: wish.limits,
      adapting: wish.adapting,
      ...(wish.onlyProbes === undefined ? {} : { onlyProbes: wish.onlyProbes }),
    });
    const authority = ClusterAuthority.create();
    await writeAtomically(made.caCertificate, authority.pem.cert);
    await writeAtomically(made.caKey, authority.pem.key);
    await writeAtomically(made.userKey, wish.userKey ?? newUserKey());
    await copyBundle(wish.bundle, made.bundle);
    await writeAtomically(made.settings, JSON.stringify(withoutDefaults(clusterSettings, settings), null, 2));
    await putInPlace(made, target, state);
  } catch (error) {
    await rm(made.path, { recursive: true, force: true });
    if (isSystemError(error, 'ENOTEMPTY') || isSystemError(error, 'EEXIST')) {
      throw (await placeOf(target)) === 'elsewhere' ? elsewhere(name) : clusterExists(name);
    }
    throw storageTrouble(error, `The cluster ${name} could not be made`, state) ?? error;
  }
  return target;
}

async function newFolder(state: string, name: string): Promise<string> {
  try {
    return await mkdtemp(join(state, '.new-'));
  } catch (error) {
    throw storageTrouble(error, `The cluster ${name} could not be made`, state) ?? error;
  }
}

function clusterExists(name: string): SitespanError {
  return new SitespanError(
    'cluster-exists',
    `There is a cluster ${name} on this computer already; choose another name, or end it with "sitespan down ${name}".`,
  );
}

function elsewhere(name: string): SitespanError {
  return new SitespanError(
    'cluster-elsewhere',
    `The cluster ${name} runs in another container or on another computer that has the host name of this one and shares your home; use it there, or choose another name here.`,
  );
}

/** One at a time: of two that see an ended cluster of their name, the second would put the first one's new cluster aside. */
async function putInPlace(made: ClusterFolder, target: ClusterFolder, state: string): Promise<void> {
  const put = async (): Promise<void> => {
    if (await hasEnded(target)) await putAside(target, state);
    await rename(made.path, target.path);
  };
  await inTurn(join(state, '.place'), put, 200);
}

/** Only what a cluster runs: the program, the wheel and the package. */
async function copyBundle(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (name === 'cli.mjs' || name === 'python' || name.endsWith('.whl')) {
      await cp(join(from, name), join(to, name), { recursive: true });
    }
  }
}

function checkedName(name: string): string {
  const parsed = clusterName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new SitespanError(
    'name-invalid',
    `${JSON.stringify(name)} cannot be a cluster's name: it needs 1 to 40 letters, digits, "-" or "_", the first a letter or digit.`,
  );
}

/** Its journal says so, and nothing keeps it any more. */
export async function hasEnded(folder: ClusterFolder): Promise<boolean> {
  if ((await unlessAbsent(stat(folder.settings))) === undefined) return false;
  const facts = await readJournal(folder.journal);
  if (!facts.some((entry) => fact.safeParse(entry).data?.is === 'closed')) return false;
  return (await adoptKept(folder.keeper)) === undefined;
}

/** One whose journal is damaged is still there: whoever looks at it is told. */
async function isKnownToHaveEnded(folder: ClusterFolder): Promise<boolean> {
  try {
    return await hasEnded(folder);
  } catch (error) {
    if (SitespanError.is(error, 'journal-corrupt')) return false;
    throw error;
  }
}

async function putAside(folder: ClusterFolder, state: string): Promise<void> {
  const { id } = await folder.readSettings();
  const ended = join(state, '.ended');
  await mkdir(ended, { recursive: true, mode: 0o700 });
  await rename(folder.path, join(ended, id));
  const kept = await Promise.all(
    (await readdir(ended)).map(async (name) => ({ name, at: (await stat(join(ended, name))).mtimeMs })),
  );
  for (const { name } of kept.sort((a, b) => b.at - a.at).slice(endedKept)) {
    await rm(join(ended, name), { recursive: true, force: true });
  }
}

/** The scheduler starts in another folder, and perhaps with another PATH. */
async function findable(environment: EnvironmentSpec): Promise<EnvironmentSpec> {
  if (environment.kind !== 'python') return environment;
  return { kind: 'python', python: await absolutePython(environment.python) };
}

/** For those who know no other kind of environment. */
function interpreterOf(environment: EnvironmentSpec): string {
  return environment.kind === 'conda' ? join(environment.prefix, 'bin', 'python') : environment.python;
}

/** @throws SitespanError `python-missing` */
async function absolutePython(python: string): Promise<string> {
  // As a shell reads it: with a slash it is a path, from the folder one is in.
  const candidates = python.includes('/')
    ? [resolve(python)]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, python));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next one may be there.
    }
  }
  throw new SitespanError(
    'python-missing',
    `There is no interpreter ${python} on this computer; give the path of the environment's Python that has dask and distributed.`,
  );
}
