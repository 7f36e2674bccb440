import type { PoolSpec } from '../keeper/api.js';
import type { ClusterFolder } from '../keeper/clusterFolder.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { PoolWish } from '../keeper/ledger.js';
import { readLedger } from './readLedger.js';

/** A pool as it is to be made: its kind of worker, and how many. */
export interface PoolPlan {
  readonly spec: PoolSpec;
  readonly workers: number;
  /** Between these the number follows the scheduler; absent where it is fixed. */
  readonly adaptive?: { readonly minimum: number; readonly maximum: number };
}

/** All that is decided before a cluster is made, and can be decided the same again. No secret is in it. */
export interface ClusterPlan {
  readonly wish: Omit<NewCluster, 'bundle' | 'signal' | 'userKey'>;
  readonly pools: readonly PoolPlan[];
}

/**
 * What a cluster was made with and what its pools were last wished to be, also after it has ended.
 *
 * @throws SitespanError `cluster-unknown`, `cluster-damaged`, `cluster-newer`, `journal-corrupt`
 */
export async function readPlan(folder: ClusterFolder): Promise<ClusterPlan> {
  const { name, python, environment, localSites, grids, relay, tenant, limits, adapting } = await folder.readSettings();
  return {
    wish: {
      ...{ name, python, localSites, grids, relay, tenant, limits, adapting },
      ...(environment === undefined ? {} : { environment }),
    },
    pools: (await readLedger(folder)).pools.map(planOf),
  };
}

/** One that was drained for idleness is wished to be as large as before that. */
function planOf({ spec, desired, drained, stopped, adaptive }: PoolWish): PoolPlan {
  return {
    spec,
    workers: stopped?.[0]?.wished ?? drained?.workers ?? desired,
    ...(adaptive === undefined ? {} : { adaptive }),
  };
}
