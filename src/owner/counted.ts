import type { ClusterSnapshot, LifePhase } from '../keeper/api.js';

/** How many of each phase there are, as snapshots have it. */
export type LifeNumbers = Readonly<Partial<Record<LifePhase, number>>>;

/** The workers of a cluster or a pool, as every face counts them. */
export interface CountedWorkers {
  /** Those that take tasks now. */
  readonly working: number;
  /** Those wished for. */
  readonly desired: number;
  /** Asked for and on their way, wherever that is. */
  readonly coming: number;
  /** Being let go. */
  readonly leaving: number;
}

const comingPhases: readonly LifePhase[] = ['requested', 'submitted', 'waiting', 'matched', 'starting', 'enrolled'];

/** @param desired how many are wished for; a site has no wish of its own */
export function countLives(lives: LifeNumbers, desired = 0): CountedWorkers {
  return {
    working: lives.working ?? 0,
    desired,
    coming: comingPhases.reduce((sum, phase) => sum + (lives[phase] ?? 0), 0),
    leaving: lives.draining ?? 0,
  };
}

export function countPool({ lives, desired }: ClusterSnapshot['pools'][number]): CountedWorkers {
  return countLives(lives, desired);
}

export function countCluster({ pools }: Pick<ClusterSnapshot, 'pools'>): CountedWorkers {
  const each = pools.map(countPool);
  const sum = (of: keyof CountedWorkers): number => each.reduce((so, one) => so + one[of], 0);
  return { working: sum('working'), desired: sum('desired'), coming: sum('coming'), leaving: sum('leaving') };
}

/** `24/32`: those that work, of those wished for. */
export function workersOfWished({ working, desired }: CountedWorkers): string {
  return `${working}/${desired}`;
}

/** `24/32 workers`, with what is on its way: `24/32 workers, 8 coming, 1 leaving`. */
export function sayWorkers(counted: CountedWorkers): string {
  const coming = counted.coming === 0 ? '' : `, ${counted.coming} coming`;
  const leaving = counted.leaving === 0 ? '' : `, ${counted.leaving} leaving`;
  return `${workersOfWished(counted)} workers${coming}${leaving}`;
}
