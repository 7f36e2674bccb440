import type { PoolWish } from './ledger.js';

/** How a cluster follows its scheduler's target, in the manner of distributed's `interval` and `wait_count`. */
export interface AdaptingPace {
  /** Seconds between two looks at the target. */
  readonly intervalSeconds: number;
  /** A pool shrinks after so many looks in a row that found it too large. */
  readonly waitCount: number;
}

/** What an adaptive pool should have now. */
export interface AdaptedSize {
  readonly pool: string;
  readonly workers: number;
}

/**
 * How many workers each adaptive pool should have for a target of the whole cluster: what the other pools do not give,
 * first each pool's minimum, then the rest in the order in which the pools were made, so that the same target always
 * gives the same sizes.
 *
 * @param target workers that the scheduler has use for
 */
export function sizesFor(target: number, pools: readonly PoolWish[]): AdaptedSize[] {
  const adaptive = pools.flatMap(({ spec, adaptive: bounds }) =>
    bounds === undefined ? [] : [{ pool: spec.name, ...bounds }],
  );
  const plain = pools.filter((pool) => pool.adaptive === undefined).reduce((sum, { desired }) => sum + desired, 0);
  let rest = target - plain - adaptive.reduce((sum, { minimum }) => sum + minimum, 0);
  return adaptive.map(({ pool, minimum, maximum }) => {
    const more = Math.max(0, Math.min(rest, maximum - minimum));
    rest -= more;
    return { pool, workers: minimum + more };
  });
}

/**
 * Follows the scheduler's target: at once upwards, downwards only when all of the last `waitCount` looks were lower,
 * and then to the highest of them. A worker costs a place in a queue, and is not given up for a pause between two cells.
 */
export class Adapting {
  private readonly seen = new Map<string, number[]>();
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly pace: AdaptingPace) {}

  /**
   * @param target undefined while the scheduler does not tell any
   * @param busy whether something runs: a pool that was drained because nothing did rests until then
   * @param all of them; one that is closed at all of its sites rests until it is scaled again
   * @param now Unix seconds
   * @returns the pools whose size is to change
   */
  look(target: number | undefined, busy: boolean, all: readonly PoolWish[], now: number): AdaptedSize[] {
    if (target === undefined || now - this.lookedAt < this.pace.intervalSeconds) return [];
    this.lookedAt = now;
    const pools = all.filter((pool) => (busy || pool.drained === undefined) && !isStopped(pool));
    const wished = sizesFor(target, pools);
    for (const pool of this.seen.keys()) if (wished.every((size) => size.pool !== pool)) this.seen.delete(pool);
    return wished.flatMap(({ pool, workers }) => {
      const seen = [...(this.seen.get(pool) ?? []), workers].slice(-this.pace.waitCount);
      this.seen.set(pool, seen);
      const has = pools.find(({ spec }) => spec.name === pool)?.desired ?? 0;
      const held = seen.length < this.pace.waitCount ? has : Math.min(has, Math.max(...seen));
      const next = workers > has ? workers : held;
      return next === has ? [] : [{ pool, workers: next }];
    });
  }
}

function isStopped({ spec, stopped = [] }: PoolWish): boolean {
  return spec.sites.every((site) => stopped.some((one) => one.site === site));
}
