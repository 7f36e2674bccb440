import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { adoptKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { clusterName } from './api.js';
import { ClusterFolder } from './clusterFolder.js';

/**
 * Where a cluster's processes run: `here`; `elsewhere`, in a container or on a computer that shares our home and host name;
 * `nowhere`: its keeper must be started.
 */
export async function placeOf(folder: ClusterFolder): Promise<'here' | 'elsewhere' | 'nowhere'> {
  for (const part of [folder.keeper, folder.scheduler, folder.relay]) {
    try {
      if ((await adoptKept(part)) !== undefined) return 'here';
    } catch (error) {
      if (SitespanError.is(error, 'runs-elsewhere')) return 'elsewhere';
      throw error;
    }
  }
  return 'nowhere';
}

/**
 * Clusters that run here though their folders are of another host name: the computer's has changed since they were made.
 *
 * Those of other login nodes lie there, too; their processes are not here.
 *
 * @param state this host's state folder
 */
export async function clustersOfFormerNames(state: string): Promise<ClusterFolder[]> {
  const all = dirname(state);
  const found: ClusterFolder[] = [];
  for (const host of await readdir(all)) {
    if (host === basename(state)) continue;
    // Not a folder, or one that has just gone.
    const names = await readdir(join(all, host)).catch(() => []);
    for (const name of names.filter((one) => clusterName.safeParse(one).success)) {
      const folder = new ClusterFolder(join(all, host, name));
      // Another node may be in the midst of making or removing it.
      if ((await placeOf(folder).catch(() => 'nowhere')) === 'here') found.push(folder);
    }
  }
  return found;
}
