import { SitespanError } from '../base/errors.js';
import { calls, type PoolSpec } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { readPlan } from './clusterPlan.js';
import { type Sizing, scalePool } from './scalePool.js';

/** Workers of a cluster that are at one site and nowhere else. */
export interface SitePool {
  /** The pool that has them, or that will. */
  readonly spec: PoolSpec;
  readonly exists: boolean;
  readonly workers: number;
}

/**
 * The pool by which the number of workers at one site is set. A pool of several sites spreads its workers evenly, so a number
 * for one of them needs a pool of its own: the one that is there, else one of the same kind as the cluster's first on that grid.
 *
 * @throws SitespanError `site-unknown` where the cluster has no pool on that grid to make it like; those of `readPlan`
 */
export async function poolAtSite(client: KeeperClient, grid: string, site: string): Promise<SitePool> {
  const { wish, pools } = await readPlan(client.folder);
  const own = pools.find(({ spec }) => spec.grid === grid && spec.sites.length === 1 && spec.sites[0] === site);
  if (own !== undefined) return { spec: own.spec, exists: true, workers: own.workers };
  const like = pools.find(({ spec }) => spec.grid === grid);
  if (like === undefined) {
    throw new SitespanError(
      'site-unknown',
      `The cluster ${wish.name} has no pool on the grid ${grid}, so it is not known what a worker at ${site} would be like; make a new cluster with that site.`,
    );
  }
  const name = freeName(`${like.spec.name}-${site}`, new Set(pools.map(({ spec }) => spec.name)));
  return { spec: { ...like.spec, name, sites: [site] }, exists: false, workers: 0 };
}

/**
 * Sets how many workers a cluster has at one site alone, beside those that other pools have there.
 *
 * @returns false where the person thought better of it
 * @throws SitespanError those of `scalePool`
 */
export async function scaleAtSite(
  client: KeeperClient,
  pool: SitePool,
  workers: number,
  sizing: Sizing,
): Promise<boolean> {
  if (!pool.exists) await client.call(calls.createPool, pool.spec, sizing.signal);
  return scalePool(client, { pool: pool.spec.name, workers }, sizing);
}

/** A pool's name may have 40 letters, digits, `-` and `_`; a site's name more, and dots. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = wanted.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 36);
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(name)) return name;
  }
}
