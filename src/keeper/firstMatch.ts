import type { LifePhase } from './api.js';
import type { Ledger } from './ledger.js';
import type { Life } from './worker/life.js';

/** A grid's first jobs may wait so long for a place before that is said, in seconds. */
export const firstMatchSeconds = 600;

/** A job in one of these has had a place. */
export const placed: readonly LifePhase[] = ['matched', 'starting', 'enrolled', 'working'];
const unplaced: readonly LifePhase[] = ['submitted', 'waiting'];

/**
 * The job of a grid that has waited longest, where none of the cluster's has ever got a place there: grids take jobs that
 * nothing will ever run, such as DIRAC 8 under a setup it does not know, and say nothing.
 *
 * @param now Unix seconds
 * @param seconds for so long nothing is said
 * @returns undefined until it is worth a word
 */
export function unmatched(
  ledger: Ledger,
  grid: string,
  now: number,
  seconds = firstMatchSeconds,
): { readonly life: Life; readonly minutes: number } | undefined {
  const pools = new Set(ledger.pools.filter(({ spec }) => spec.grid === grid).map(({ spec }) => spec.name));
  const lives = ledger.lives.filter(({ pool }) => pools.has(pool));
  if (lives.some((life) => placed.some((phase) => life.hasReached(phase)))) return undefined;
  const waiting = lives.filter(({ phase }) => unplaced.includes(phase));
  const [first] = waiting.sort((a, b) => begunAt(a) - begunAt(b));
  if (first === undefined || now - begunAt(first) < seconds) return undefined;
  return { life: first, minutes: Math.floor((now - begunAt(first)) / 60) };
}

function begunAt(life: Life): number {
  return life.snapshot().steps[0]?.at ?? Number.POSITIVE_INFINITY;
}
