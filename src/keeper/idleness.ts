import type { ClusterSnapshot } from './api.js';
import type { Ledger } from './ledger.js';

/** Idleness shorter than this is not written down: a pause between two cells is no news. */
const worthNotingSeconds = 60;
/** A keeper that has just started looks on for so long before it believes that nothing has run meanwhile. */
const mistrustSeconds = 60;

/** What is to be written down: that the cluster has been idle since then, that it is busy again, that its pools are to drain. */
export type IdleNews =
  | { readonly is: 'idle'; readonly since: number }
  | { readonly is: 'busy' }
  | { readonly is: 'drain'; readonly minutes: number };

/** Whether somebody has use for the workers. */
export function isBusy({ tasks, kernels }: Pick<ClusterSnapshot, 'tasks' | 'kernels'>): boolean {
  return (
    tasks.waiting + tasks.processing > 0 ||
    kernels.some(({ phase, cells }) => phase === 'busy' || (phase !== 'dead' && cells.queued + cells.running > 0))
  );
}

/**
 * How long nothing has run and nothing was wished, and when that has been too long. What it must know after its keeper was
 * killed is in the journal.
 */
export class Idleness {
  private since: number | undefined;

  /**
   * @param limitMinutes idle for so long, the pools drain; 0 for never
   * @param startedAt when this keeper began to look (Unix seconds)
   */
  constructor(
    private readonly ledger: Ledger,
    private readonly limitMinutes: number,
    private readonly startedAt: number,
  ) {}

  /** @param now Unix seconds */
  look(busy: boolean, now: number): IdleNews | undefined {
    const { ledger, limitMinutes } = this;
    if (busy) {
      this.since = undefined;
      return ledger.idleSince === undefined ? undefined : { is: 'busy' };
    }
    this.since ??= now;
    const since = Math.max(ledger.idleSince ?? this.since, ...ledger.pools.map(({ wishedAt }) => wishedAt));
    const limitSeconds = limitMinutes * 60;
    const trusted = now - this.startedAt >= Math.min(mistrustSeconds, limitSeconds);
    if (limitMinutes > 0 && trusted && now - since >= limitSeconds && ledger.pools.some(({ desired }) => desired > 0)) {
      return { is: 'drain', minutes: limitMinutes };
    }
    if (ledger.idleSince === undefined && now - this.since >= worthNotingSeconds)
      return { is: 'idle', since: this.since };
    return undefined;
  }
}
