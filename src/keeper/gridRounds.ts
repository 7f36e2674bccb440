import { SitespanError } from '../base/errors.js';
import { sleep } from '../base/waiting.js';

/** What answers is mostly done by then; what takes longer holds up nobody. */
const usualPatienceMs = 1000;
/** A cluster that ends gives calls that are under way so long, and as long again when it has broken them off. */
const usualGraceMs = 5000;

/**
 * The work at a cluster's grids, round after round: one at a time at each, and none waits for another's. A grid that is away
 * may take a minute to say nothing; meanwhile the cluster and its other grids go on.
 */
export class GridRounds {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly ends = new Map<string, unknown>();
  private readonly ended = new AbortController();

  /** @param work one round at a grid; the signal breaks off its calls */
  constructor(
    private readonly work: (grid: string, signal: AbortSignal) => Promise<void>,
    private readonly patienceMs = usualPatienceMs,
    private readonly graceMs = usualGraceMs,
  ) {}

  /** By grid what its newest round ended with: undefined where all went well. */
  get troubles(): ReadonlyMap<string, unknown> {
    return this.ends;
  }

  /** Begins a round at each that has none under way, and waits a little for their ends. */
  async turn(grids: readonly string[]): Promise<void> {
    for (const grid of grids) if (!this.underWay.has(grid)) this.underWay.set(grid, this.round(grid));
    await this.wait(this.patienceMs);
  }

  /** Lets what is under way end, or breaks it off. No other may begin. */
  async end(): Promise<void> {
    await this.wait(this.graceMs);
    this.ended.abort(new SitespanError('cluster-closing', 'The cluster is being closed.'));
    await this.wait(this.graceMs);
  }

  private async round(grid: string): Promise<void> {
    try {
      await this.work(grid, this.ended.signal);
      this.ends.set(grid, undefined);
    } catch (error) {
      this.ends.set(grid, error);
    }
    this.underWay.delete(grid);
  }

  private async wait(ms: number): Promise<void> {
    const done = new AbortController();
    const late = sleep(ms, done.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.underWay.values()), late]);
    done.abort();
  }
}
