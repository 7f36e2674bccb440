import { allocationOf } from '../../keeper/allocation.js';
import { askNumber, type PoolSnapshot, pickPool, reachCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { confirmSites } from './confirmSites.js';
import { confirmWorkers } from './confirmWorkers.js';

const title = 'Scale Workers';

/** Changes how many workers a pool has; asks for what it was not given. */
export async function scaleWorkers(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const pool = cluster && (await pickPool(cluster, argument, title));
  if (cluster === undefined || pool === undefined) return;
  const placeholder = `Workers of ${cluster.name}, pool ${pool.name}. ${whatOneTakes(pool)}`;
  const workers = await askNumber({ title, placeholder, value: pool.desired, minimum: 0 });
  if (workers === undefined) return;
  if (workers > pool.desired && !(await confirmSites(cluster.client, pool.grid ?? 'local', pool.sites))) return;
  const { scalePool } = await import('../../owner/scalePool.js');
  await inProgress(`Scaling ${pool.name} to ${workers}`, (progress, signal) =>
    scalePool(cluster.client, { pool: pool.name, workers }, { progress, signal, confirm: confirmWorkers }),
  );
}

/** What one worker takes of its site, as far as its keeper tells. */
export function whatOneTakes({ cores, walltimeSeconds }: PoolSnapshot): string {
  if (cores === undefined || walltimeSeconds === undefined) return '';
  return `Each takes ${allocationOf({ cores, walltimeSeconds }, 1)} at most.`;
}
