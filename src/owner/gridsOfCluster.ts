import type { GridSpec } from '../grid/gridSpec.js';
import { ClusterFolder } from '../keeper/clusterFolder.js';

/**
 * The grids that a cluster was made with, besides this computer; they never change.
 *
 * @param folder the cluster's
 * @throws SitespanError as `ClusterFolder.readSettings`
 */
export async function gridsOfCluster(folder: string): Promise<Readonly<Record<string, GridSpec>>> {
  return (await new ClusterFolder(folder).readSettings()).grids;
}
