import { randomBytes } from 'node:crypto';
import { access, constants, cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { z } from 'zod';
import { retry } from '../base/backoff.js';
import { adoptKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { readJournal } from '../base/journal.js';
import { stateFolder } from '../base/runtimePaths.js';
import { holdAlone } from '../base/soleHolder.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { clusterName } from './api.js';
import {
  type adaptingPace,
  ClusterFolder,
  type ClusterLimits,
  type ClusterSettings,
  clusterSettings,
  type LocalSite,
} from './clusterFolder.js';
import { fact } from './fact.js';
import { newUserKey } from './ownRelay.js';

export interface NewCluster {
  readonly name: string;
  /** The interpreter of scheduler and kernels: a path, or a name in PATH. */
  readonly python: string;
  readonly localSites: readonly LocalSite[];
  readonly relay?: ClusterSettings['relay'];
  /** For a relay that others run. */
  readonly tenant?: string;
  /** Hex of 32 bytes, shared with that relay. */
  readonly userKey?: string;
  readonly limits?: Partial<ClusterLimits>;
  readonly adapting?: z.input<typeof adaptingPace>;
  /** Folder with our bundle, wheel and unpacked package: what a cluster is born with. */
  readonly bundle: string;
}

/** How many ended clusters' folders are kept, for their logs. */
const endedKept = 10;

/** Every cluster of this user on this computer, by name. */
export async function listClusters(): Promise<ClusterFolder[]> {
  const state = await stateFolder();
  const names = (await readdir(state)).filter((name) => clusterName.safeParse(name).success).sort();
  const folders = names.map((name) => new ClusterFolder(join(state, name)));
  const open = await Promise.all(folders.map(async (folder) => !(await hasEnded(folder))));
  return folders.filter((_, index) => open[index]);
}

/** @throws SitespanError `cluster-unknown` */
export async function findCluster(name: string): Promise<ClusterFolder> {
  const folder = new ClusterFolder(join(await stateFolder(), checkedName(name)));
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
 * Makes a cluster's folder: its settings, its own CA, its user key and its copy of our code. Nothing is started.
 *
 * @throws SitespanError `name-invalid`, `cluster-exists`, `python-missing`
 */
export async function createCluster(wish: NewCluster): Promise<ClusterFolder> {
  const name = checkedName(wish.name);
  const python = await absolutePython(wish.python);
  const state = await stateFolder();
  const target = new ClusterFolder(join(state, name));
  const made = new ClusterFolder(await mkdtemp(join(state, '.new-')));
  try {
    const settings: ClusterSettings = clusterSettings.parse({
      version: 1,
      name,
      id: `${name}-${randomBytes(3).toString('hex')}`,
      tenant: wish.tenant ?? 'me',
      python,
      relay: wish.relay ?? { kind: 'own' },
      localSites: wish.localSites,
      limits: wish.limits,
      adapting: wish.adapting,
    });
    const authority = ClusterAuthority.create();
    await writeAtomically(made.caCertificate, authority.pem.cert);
    await writeAtomically(made.caKey, authority.pem.key);
    await writeAtomically(made.userKey, wish.userKey ?? newUserKey());
    await copyBundle(wish.bundle, made.bundle);
    await writeAtomically(made.settings, JSON.stringify(settings, null, 2));
    await putInPlace(made, target, state);
  } catch (error) {
    await rm(made.path, { recursive: true, force: true });
    if (isSystemError(error, 'ENOTEMPTY') || isSystemError(error, 'EEXIST')) {
      throw new SitespanError(
        'cluster-exists',
        `There is a cluster ${name} on this computer already; choose another name, or end it with "sitespan down ${name}".`,
      );
    }
    throw error;
  }
  return target;
}

/** One at a time: of two that see an ended cluster of their name, the second would put the first one's new cluster aside. */
async function putInPlace(made: ClusterFolder, target: ClusterFolder, state: string): Promise<void> {
  const held = await retry(() => holdAlone(join(state, '.place')), {
    attempts: 200,
    firstMs: 20,
    maxMs: 200,
    retryIf: (error) => SitespanError.is(error, 'already-held'),
  });
  try {
    if (await hasEnded(target)) await putAside(target, state);
    await rename(made.path, target.path);
  } finally {
    await held.release();
  }
}

/** Takes what is secret out of a cluster that has ended; its logs stay. */
export async function forgetSecrets(folder: ClusterFolder): Promise<void> {
  const jobs = join(folder.local, 'jobs');
  const kernels = (await unlessAbsent(readdir(folder.kernels))) ?? [];
  const started = (await unlessAbsent(readdir(jobs))) ?? [];
  for (const path of [
    folder.caKey,
    folder.userKey,
    folder.payload,
    join(folder.relay, 'tenants.json'),
    join(folder.relay, 'key.pem'),
    join(folder.scheduler, 'identity.json'),
    join(folder.scheduler, 'token'),
    ...kernels.map((id) => join(folder.kernel(id), 'identity.json')),
    ...started.map((id) => join(jobs, id, 'work', 'join.json')),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
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
