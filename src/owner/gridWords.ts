import { SitespanError } from '../base/errors.js';
import { DiracClient } from '../grid/dirac/diracClient.js';
import { type JobDetails, jobDetails } from '../grid/dirac/jobDetails.js';
import { calls, type LifeSnapshot } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';

/** What a worker's grid says of its job itself, to be shown beside our words. */
export interface GridWords {
  readonly grid: string;
  /** Absent where the grid has no such job, or could not be asked. */
  readonly details?: JobDetails;
  /** Why it could not be asked. */
  readonly trouble?: SitespanError;
}

/**
 * Asks the grid of a worker about its job, by the proxy that the cluster uses there.
 *
 * @returns undefined where there is nothing to ask: on this computer, and of a worker that has no job yet
 * @throws SitespanError the keeper's
 */
export async function gridWords(
  client: KeeperClient,
  { pool, job }: LifeSnapshot,
  signal?: AbortSignal,
): Promise<GridWords | undefined> {
  if (job === null) return undefined;
  const { pools } = await client.call(calls.clusterState, {}, signal);
  const grid = pools.find(({ name }) => name === pool)?.grid ?? 'local';
  const spec = (await client.folder.readSettings()).grids[grid];
  if (spec === undefined) return undefined;
  const dirac = new DiracClient(spec);
  try {
    const details = await jobDetails(dirac, job, { signal });
    return { grid, ...(details === undefined ? {} : { details }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (SitespanError.is(error)) return { grid, trouble: error };
    throw error;
  } finally {
    await dirac.close();
  }
}
