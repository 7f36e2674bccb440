import { SitespanError } from '../base/errors.js';
import { allocationOf } from './allocation.js';
import type { PoolWish } from './ledger.js';

/** A wish for a pool's size: how many workers it may come to have. */
export interface SizeWish {
  readonly pool: PoolWish;
  readonly workers: number;
  readonly confirmed: boolean;
}

/**
 * Holds up a wish that would give the cluster more workers than its owner may ask for by a slip of the finger. Fewer than
 * before, or as many, never need a word.
 *
 * @param all every pool of the cluster
 * @param mostUnconfirmed over all of them
 * @throws SitespanError `confirmation-needed`, with what the workers would take of their sites
 */
export function checkSize(wish: SizeWish, all: readonly PoolWish[], mostUnconfirmed: number): void {
  const { pool, workers, confirmed } = wish;
  const more = workers - most(pool);
  const others = all.filter((other) => other.spec.name !== pool.spec.name);
  const total = others.reduce((sum, other) => sum + most(other), workers);
  if (confirmed || more <= 0 || total <= mostUnconfirmed) return;
  throw new SitespanError(
    'confirmation-needed',
    `Pool ${pool.spec.name} with ${workers} workers would give the cluster ${total}, and more than ${mostUnconfirmed} are asked for only when that is confirmed: this is ${allocationOf(pool.spec, more)} at ${pool.spec.sites.join(', ')}.`,
  );
}

/** As many as a pool may come to have without being asked again. */
function most({ desired, adaptive }: PoolWish): number {
  return Math.max(desired, adaptive?.maximum ?? 0);
}
