import { SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';
import { pick, type ReachedCluster, reachCluster } from './pickers.js';
import { nodeOf } from './trees/nodes.js';
import type { Window } from './window.js';

/**
 * The clusters that may use a grid, as their keepers tell; those that do not answer are left out.
 *
 * @throws SitespanError `nothing-to-choose` where there is none, with the way to make one with that grid
 */
export async function clustersOnGrid({ fleet }: Pick<Window, 'fleet'>, grid: string): Promise<readonly string[]> {
  const { calls } = await import('../keeper/api.js');
  await fleet.look();
  const open = fleet.clusters.filter(({ link }) => link !== 'closed' && link !== 'failed').map(({ name }) => name);
  const has = await Promise.all(
    open.map(async (name) => {
      try {
        const grids = await (await fleet.peek(name)).call(calls.listSites, {});
        return grids.some((one) => one.grid === grid);
      } catch (error) {
        if (SitespanError.is(error)) return false;
        throw error;
      }
    }),
  );
  const found = open.filter((_, index) => has[index]);
  if (found.length > 0) return found;
  throw new SitespanError(
    'nothing-to-choose',
    `No cluster has the grid ${grid} yet, and what is done at its sites is done for a cluster; make one with it, which may have no workers at first.`,
    { remedy: { command: commands.newCluster, label: 'New Cluster', arguments: [{ kind: 'grid', grid }] } },
  );
}

/**
 * The cluster that something is done for: of a grid's or a site's row, which is no cluster's, one that has that grid.
 *
 * @throws SitespanError as `clustersOnGrid` and `reachCluster`
 */
export async function clusterFor(
  window: Window,
  argument: unknown,
  title: string,
): Promise<ReachedCluster | undefined> {
  const grid = (nodeOf('grid', argument) ?? nodeOf('site', argument))?.grid;
  if (grid === undefined) return reachCluster(window, argument, title);
  const names = await clustersOnGrid(window, grid);
  const choices = names.map((name) => ({ label: name, value: name }));
  const cluster = await pick(title, 'For which cluster?', choices, `No cluster has the grid ${grid}.`);
  return cluster === undefined ? undefined : reachCluster(window, { kind: 'cluster', cluster }, title);
}
