import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { NewCluster } from '../keeper/clusters.js';
import { closeCluster } from './closeCluster.js';
import type { ClusterPlan, PoolPlan } from './clusterPlan.js';
import { type ClusterOpening, makeCluster } from './openCluster.js';
import { adaptPool, type Sizing, scalePool } from './scalePool.js';

export interface ClusterStart extends ClusterOpening, Pick<Sizing, 'confirm'>, Pick<NewCluster, 'bundle' | 'userKey'> {}

/**
 * Makes a new cluster with its pools and asks for their workers; does not wait for them. Where a pool cannot be made, or the
 * person stops half-way, nothing is left running.
 *
 * @returns its name
 * @throws SitespanError those of `makeCluster`, `cluster-exists`; the keeper's about the pools; the signal's reason
 */
export async function startCluster({ wish, pools }: ClusterPlan, start: ClusterStart): Promise<string> {
  const { bundle, userKey, ...making } = start;
  const whole: NewCluster = { ...wish, bundle, ...(userKey === undefined ? {} : { userKey }) };
  const { client } = await makeCluster(whole, { ...making, onlyNew: true });
  try {
    for (const pool of pools) await makePool(client, pool, start);
  } catch (error) {
    await closeCluster(client);
    throw error;
  } finally {
    client.dispose();
  }
  return wish.name;
}

async function makePool(
  client: KeeperClient,
  { spec, workers, adaptive }: PoolPlan,
  start: ClusterStart,
): Promise<void> {
  const { progress, signal, confirm } = start;
  const sizing = { progress, signal, confirm };
  await client.call(calls.createPool, spec, signal);
  if (workers > 0) await scalePool(client, { pool: spec.name, workers }, sizing);
  if (adaptive !== undefined) await adaptPool(client, { pool: spec.name, ...adaptive }, sizing);
}
