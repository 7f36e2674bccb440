import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SitespanError } from '../../base/errors.js';
import { readJournal } from '../../base/journal.js';
import { isSystemError, unlessAbsent } from '../../base/systemError.js';
import { clusterName } from '../../keeper/api.js';
import { ClusterFolder, type ClusterSettings } from '../../keeper/clusterFolder.js';
import { type Fact, fact } from '../../keeper/fact.js';

/** A cluster's folder as it was found, whatever state it is in. */
export interface ExaminedCluster {
  readonly name: string;
  readonly folder: ClusterFolder;
  /** Why they cannot be read, where they cannot. */
  readonly settings: ClusterSettings | SitespanError;
  /** Those of its journal that this version knows. */
  readonly facts: readonly Fact[] | SitespanError;
  /** Its journal says that it has ended. */
  readonly ended: boolean;
}

/** One that has not ended and can be read. */
export interface OpenCluster extends ExaminedCluster {
  readonly settings: ClusterSettings;
  readonly facts: readonly Fact[];
}

/** Everything in a state folder that may be a cluster, and with `.ended` those that were put aside. */
export async function examineClusters(state: string): Promise<ExaminedCluster[]> {
  const open = await namesIn(state);
  const aside = await namesIn(join(state, '.ended'));
  const paths = [...open.map((name) => join(state, name)), ...aside.map((name) => join(state, '.ended', name))];
  return Promise.all(paths.map((path) => examine(path)));
}

/** Those that should be running. */
export function openOnes(clusters: readonly ExaminedCluster[]): OpenCluster[] {
  return clusters.flatMap((one) => {
    const { settings, facts } = one;
    return one.ended || settings instanceof SitespanError || facts instanceof SitespanError
      ? []
      : [{ ...one, settings, facts }];
  });
}

/** The folders of everything that a cluster may have started and that goes on by itself. */
export async function keptFolders({ folder }: ExaminedCluster): Promise<string[]> {
  const jobs = join(folder.local, 'jobs');
  const names = async (path: string): Promise<string[]> => (await unlessAbsent(readdir(path))) ?? [];
  return [
    ...[folder.keeper, folder.relay, folder.scheduler],
    ...(await names(folder.kernels)).map((id) => folder.kernel(id)),
    ...(await names(jobs)).map((id) => join(jobs, id)),
  ];
}

async function namesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    // What hinders reading it is for the check of that folder.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].some((code) => isSystemError(error, code))) return [];
    throw error;
  });
  return entries.filter((one) => one.isDirectory() && clusterName.safeParse(one.name).success).map(({ name }) => name);
}

async function examine(path: string): Promise<ExaminedCluster> {
  const folder = new ClusterFolder(path);
  const settings = await orWhy(folder.readSettings());
  const facts = await orWhy(
    readJournal(folder.journal).then((entries) => entries.flatMap((entry) => fact.safeParse(entry).data ?? [])),
  );
  const ended = !(facts instanceof SitespanError) && facts.some(({ is }) => is === 'closed');
  return { name: basename(path), folder, settings, facts, ended };
}

async function orWhy<T>(read: Promise<T>): Promise<T | SitespanError> {
  try {
    return await read;
  } catch (error) {
    if (SitespanError.is(error)) return error;
    return new SitespanError('unreadable', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
