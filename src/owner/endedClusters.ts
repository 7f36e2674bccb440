import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { stateFolder } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { clusterName } from '../keeper/api.js';
import { ClusterFolder } from '../keeper/clusterFolder.js';
import { hasEnded, listClusters } from '../keeper/clusters.js';

/** A cluster that has ended and whose folder is still there. */
export interface EndedCluster {
  readonly name: string;
  readonly folder: ClusterFolder;
  /** Unix seconds: when its journal was last written. */
  readonly endedAt: number;
  /** Whether it was made to look at sites and for nothing else. */
  readonly onlyProbes: boolean;
}

/**
 * Ended clusters of this computer, one a name, the latest first; a name that is in use again is left out, and so are those that
 * only looked at sites.
 */
export async function listEnded(): Promise<EndedCluster[]> {
  const state = await stateFolder();
  const running = new Set((await listClusters()).map(({ path }) => path));
  const byName = new Map<string, EndedCluster>();
  for (const one of await everyEnded()) {
    const isInUse = running.has(join(state, one.name));
    if (!byName.has(one.name) && !isInUse && !one.onlyProbes) byName.set(one.name, one);
  }
  return [...byName.values()];
}

/** All whose folders are still there, the latest first: several may have had the same name. */
export async function everyEnded(): Promise<EndedCluster[]> {
  const state = await stateFolder();
  const running = new Set((await listClusters()).map(({ path }) => path));
  const here = (await readdir(state)).filter((name) => clusterName.safeParse(name).success);
  const aside = (await unlessAbsent(readdir(join(state, '.ended')))) ?? [];
  const candidates = [
    ...here.map((name) => new ClusterFolder(join(state, name))).filter(({ path }) => !running.has(path)),
    ...aside.map((id) => new ClusterFolder(join(state, '.ended', id))),
  ];
  const found = (await Promise.all(candidates.map(endedIn))).flatMap((one) => one ?? []);
  return found.sort((a, b) => b.endedAt - a.endedAt);
}

async function endedIn(folder: ClusterFolder): Promise<EndedCluster | undefined> {
  try {
    const written = await unlessAbsent(stat(folder.journal));
    if (written === undefined || !(await hasEnded(folder))) return undefined;
    const { name, onlyProbes = false } = await folder.readSettings();
    return { name, folder, endedAt: written.mtimeMs / 1000, onlyProbes };
  } catch (error) {
    // One that cannot be read any more cannot be started again either.
    if (SitespanError.is(error)) return undefined;
    throw error;
  }
}
