import { SitespanError } from '../../base/errors.js';
import { allocationOf } from '../../keeper/allocation.js';
import { clusterFor } from '../clustersOnGrid.js';
import { askNumber, pick, type ReachedCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';
import { confirmSites } from './confirmSites.js';
import { confirmWorkers } from './confirmWorkers.js';

const title = 'Scale Workers at This Site';

interface SitePlace {
  readonly grid: string;
  readonly site: string;
}

/** Changes how many workers a cluster has at one site alone, in a pool of its own. */
export async function scaleAtSite(window: Window, argument: unknown): Promise<void> {
  const cluster = await clusterFor(window, argument, title);
  const place = cluster && (nodeOf('site', argument) ?? nodeOf('share', argument) ?? (await pickSite(cluster)));
  if (cluster === undefined || place === undefined) return;
  const owner = await import('../../owner/scaleAtSite.js');
  const pool = await owner.poolAtSite(cluster.client, place.grid, place.site);
  const workers = await askNumber({
    title,
    placeholder: `Workers of ${cluster.name} at ${place.site} alone (pool ${pool.spec.name}). Each takes ${allocationOf(pool.spec, 1)} at most.`,
    value: pool.workers,
    minimum: 0,
  });
  if (workers === undefined) return;
  if (workers > pool.workers && !(await confirmSites(cluster.client, place.grid, [place.site]))) return;
  await inProgress(`Scaling to ${workers} at ${place.site}`, (progress, signal) =>
    owner.scaleAtSite(cluster.client, pool, workers, { progress, signal, confirm: confirmWorkers }),
  );
}

/** The sites that the cluster's pools name. */
async function pickSite({ name, snapshot }: ReachedCluster): Promise<SitePlace | undefined> {
  const places = new Map<string, SitePlace>();
  for (const { grid = 'local', sites } of snapshot.pools) {
    for (const site of sites) places.set(`${grid}/${site}`, { grid, site });
  }
  if (places.size === 0) throw new SitespanError('nothing-to-choose', `The cluster ${name} has no pool at any site.`);
  const choices = [...places.values()].map((place) => ({ label: place.site, description: place.grid, value: place }));
  return pick(title, 'Which site?', choices, `The cluster ${name} has no pool at any site.`);
}
