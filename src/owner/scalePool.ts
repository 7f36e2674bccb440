import { SitespanError } from '../base/errors.js';
import { allocationOf } from '../keeper/allocation.js';
import { type ClusterSnapshot, calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { Opening } from './opening.js';
import { warningsAbout } from './probeSites.js';

export interface Sizing extends Opening {
  /** Asked when the wish is above what a cluster gives without a second word; without it, that is refused. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/**
 * Gives a pool a fixed number of workers; says before what the additional ones may take of their sites.
 *
 * @returns false where the person thought better of it
 * @throws SitespanError the keeper's: `pool-unknown`; `confirmation-needed` where nobody can be asked
 */
export async function scalePool(
  client: KeeperClient,
  wish: { readonly pool: string; readonly workers: number },
  sizing: Sizing = {},
): Promise<boolean> {
  await sayAllocation(client, wish.pool, wish.workers, sizing);
  return confirmed(sizing, (assent) => client.call(calls.scalePool, { ...wish, ...assent }, sizing.signal));
}

/**
 * Lets a pool follow the scheduler between two numbers; says before what its maximum may take.
 *
 * @returns false where the person thought better of it
 * @throws SitespanError as `scalePool`
 */
export async function adaptPool(
  client: KeeperClient,
  wish: { readonly pool: string; readonly minimum: number; readonly maximum: number },
  sizing: Sizing = {},
): Promise<boolean> {
  await sayAllocation(client, wish.pool, wish.maximum, sizing);
  return confirmed(sizing, (assent) => client.call(calls.adaptPool, { ...wish, ...assent }, sizing.signal));
}

/** `main: 8 jobs × 8 cores × 24 h = 1,536 core hours at most, at north, south.`, for those that are more than there are. */
export function sentenceOfAllocation(pool: ClusterSnapshot['pools'][number], workers: number): string | undefined {
  const { name, sites, desired, adaptive, cores, walltimeSeconds } = pool;
  const more = workers - Math.max(desired, adaptive?.maximum ?? 0);
  // An older keeper does not tell what its pools are of.
  if (more <= 0 || cores === undefined || walltimeSeconds === undefined) return undefined;
  return `${name}: ${allocationOf({ cores, walltimeSeconds }, more)} at most, at ${sites.join(', ')}.`;
}

async function sayAllocation(client: KeeperClient, name: string, workers: number, sizing: Sizing): Promise<void> {
  if (sizing.progress === undefined) return;
  const { pools } = await client.call(calls.clusterState, {}, sizing.signal);
  const pool = pools.find((one) => one.name === name);
  const sentence = pool === undefined ? undefined : sentenceOfAllocation(pool, workers);
  if (pool === undefined || sentence === undefined) return;
  sizing.progress(sentence);
  const { grid = 'local', sites } = pool;
  for (const warning of await warningsAbout(client, grid, sites, sizing.signal)) sizing.progress(warning);
}

/** An older keeper knows no confirmation: it is told of one only when it was given. */
async function confirmed(
  { confirm }: Sizing,
  ask: (assent: { readonly confirmed?: true }) => Promise<unknown>,
): Promise<boolean> {
  try {
    await ask({});
    return true;
  } catch (error) {
    if (!SitespanError.is(error, 'confirmation-needed') || confirm === undefined) throw error;
    if (!(await confirm(error.message))) return false;
    await ask({ confirmed: true });
    return true;
  }
}
