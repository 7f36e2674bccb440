import type { KeeperClient } from '../keeper/client.js';
import { warningsAbout } from './probeSites.js';
import { usableProxy } from './usableProxy.js';

/**
 * Looks before more workers are asked of a grid whether it would take them.
 *
 * @returns what probes have found unfit, a sentence a site
 * @throws SitespanError as `usableProxy` where the grid is used with a proxy; those of the keeper's `listSites`
 */
export async function beforeWorkers(
  client: KeeperClient,
  grid: string,
  sites: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const spec = (await client.folder.readSettings()).grids[grid];
  if (spec !== undefined) await usableProxy(spec.proxy, spec.caDirectory);
  return warningsAbout(client, grid, sites, signal);
}
