import { Adapting, type AdaptingPace } from './adapting.js';
import type { ClusterSnapshot, Problem } from './api.js';
import type { Fact } from './fact.js';
import { Idleness, isBusy } from './idleness.js';
import type { Ledger, PoolWish } from './ledger.js';

export interface SizingOptions {
  /** For sentences. */
  readonly cluster: string;
  readonly ledger: Ledger;
  /** Idle for so long, the pools drain; 0 for never. */
  readonly idleMinutes: number;
  readonly pace: AdaptingPace;
  /** When this keeper began to look (Unix seconds). */
  readonly startedAt: number;
  record(fact: Fact): Promise<void>;
}

/** What runs in a cluster, and how many workers its scheduler has use for; undefined where it does not say. */
export interface Activity extends Pick<ClusterSnapshot, 'tasks' | 'kernels'> {
  readonly target: number | undefined;
}

/**
 * Changes how many workers the pools should have without being asked each time: adaptive pools follow the scheduler, and
 * an idle cluster lets all of them go. What it decides is in the journal and carried out like any wish.
 */
export class Sizing {
  private readonly idleness: Idleness;
  private readonly adapting: Adapting;

  constructor(private readonly options: SizingOptions) {
    const { ledger, idleMinutes, pace, startedAt } = options;
    this.idleness = new Idleness(ledger, idleMinutes, startedAt);
    this.adapting = new Adapting(pace);
  }

  /** Sentences about pools that were drained, until somebody scales them again or they come back with work. */
  get notices(): Problem[] {
    return this.options.ledger.pools.flatMap((pool) => {
      const message = this.noticeOf(pool);
      return message === undefined ? [] : [{ code: 'idle-drained', message }];
    });
  }

  /** @param now Unix seconds */
  async look(activity: Activity, now: number): Promise<void> {
    const { ledger, record } = this.options;
    const busy = isBusy(activity);
    const news = this.idleness.look(busy, now);
    if (news?.is === 'idle') await record({ is: 'idle', at: now, since: news.since });
    if (news?.is === 'busy') await record({ is: 'busy', at: now });
    if (news?.is === 'drain') {
      const pools = ledger.pools.filter(({ desired }) => desired > 0);
      const sizes = pools.map(({ spec, desired }) => ({ pool: spec.name, workers: desired }));
      await record({ is: 'drained', at: now, minutes: news.minutes, pools: sizes });
    }
    for (const { pool, workers } of this.adapting.look(activity.target, busy, ledger.pools, now)) {
      await record({ is: 'adapted', at: now, pool, workers });
    }
  }

  private noticeOf({ spec, drained, adaptive }: PoolWish): string | undefined {
    if (drained === undefined) return undefined;
    const { cluster } = this.options;
    const [what, were] = drained.workers === 1 ? ['worker', 'was'] : [`${drained.workers} workers`, 'were'];
    const again =
      adaptive === undefined
        ? `"sitespan scale ${cluster} ${spec.name} ${drained.workers}" asks for as many again`
        : 'the pool grows again when something runs';
    return `Nothing ran in ${cluster} for ${drained.minutes} minutes, so the ${what} of pool ${spec.name} ${were} let go at ${new Date(drained.at * 1000).toISOString()}; ${again}.`;
  }
}
