import type { Log } from '../base/log.js';
import type { Grid, GridCall } from '../grid/grid.js';
import type { Fact } from './fact.js';
import type { Bulk } from './ledger.js';

interface Surroundings {
  record(fact: Fact): Promise<void>;
  readonly log: Log;
}

/** Submissions that were begun and not answered: what became of each is learned from its grid, by its mark. */
export class BrokenBulks {
  /** Why a submission failed of which the grid may have taken jobs all the same; by mark. */
  private readonly doubts = new Map<string, string>();
  /** Since when an unanswered submission's sender is known to be gone (Unix seconds); by mark. */
  private readonly orphanedSince = new Map<string, number>();
  /** Jobs that were ended before it was known which lives they are; with their marks. */
  private readonly cut = new Set<string>();

  constructor(private readonly around: Surroundings) {}

  /** Notes what a submission failed with that may have done some of its work. */
  doubt(mark: string, error: unknown): void {
    this.doubts.set(mark, error instanceof Error ? error.message : String(error));
  }

  /**
   * Asks what the grid has of a bulk. Until that is settled, fewer than asked is no answer.
   *
   * @param closing the cluster ends: what has appeared of a bulk that is not settled is ended, each job once
   * @returns whether it is known now, and written down
   */
  async settle(grid: Grid, bulk: Bulk, call: GridCall, closing = false): Promise<boolean> {
    const { record, log } = this.around;
    const { mark, site, lives } = bulk;
    const at = Date.now() / 1000;
    const since = this.orphanedSince.get(mark) ?? at;
    this.orphanedSince.set(mark, since);
    const jobs = await grid.find(mark, call);
    if (jobs.length < lives.length && at - since < (grid.settleMs ?? 0) / 1000) {
      if (closing) await this.cutOff(grid, mark, jobs, call);
      return false;
    }
    const surplus = jobs.slice(lives.length);
    if (surplus.length > 0) {
      log.warning('the grid took a bulk more than once; what is too much is ended', { mark, jobs: surplus });
      await grid.kill(surplus, call);
    }
    const why = this.doubts.get(mark) ?? `the keeper was ended before it asked ${site}`;
    if (jobs.length > 0) await record({ is: 'submitted', at, mark, jobs: jobs.slice(0, lives.length) });
    else await record({ is: 'refused', at, mark, why });
    this.doubts.delete(mark);
    this.orphanedSince.delete(mark);
    return true;
  }

  /** Nobody may be there any more when the rest appears. */
  private async cutOff(grid: Grid, mark: string, jobs: readonly string[], call: GridCall): Promise<void> {
    const fresh = jobs.filter((job) => !this.cut.has(`${mark} ${job}`));
    if (fresh.length > 0) await grid.kill(fresh, call);
    for (const job of fresh) this.cut.add(`${mark} ${job}`);
  }
}
