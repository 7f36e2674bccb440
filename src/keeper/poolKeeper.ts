import { randomBytes } from 'node:crypto';
import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import type { Grid, GridCall, JobOutput } from '../grid/grid.js';
import { BrokenBulks } from './brokenBulks.js';
import { failingStarts } from './failingStarts.js';
import { JobWatch, type WatchSurroundings } from './jobWatch.js';
import type { PoolWish } from './ledger.js';
import { Pace } from './pace.js';
import { planScaling } from './scaling.js';
import type { Life } from './worker/life.js';

/** What the pools need of the rest of the cluster. */
export interface PoolSurroundings extends WatchSurroundings {
  /** The grid of that name. */
  gridOf(name: string): Grid;
  /** Begins every mark: installation and cluster; at most 24 characters. */
  readonly markPrefix: string;
  /** Writes what the jobs of a bulk carry. @returns its folder */
  payload(pool: PoolWish, mark: string, token: string, expires: number): Promise<string>;
  /** Whether a worker runs a task now; one that does not is let go first. */
  executing?(life: Life): boolean;
  /** Retires in Dask: data moves away, then the worker ends itself. */
  retire(workers: readonly string[]): Promise<void>;
  /** A worker gets so long to end by itself after it was retired; 3 s unless told otherwise. */
  readonly farewellMs?: number;
}

/** Whose part of the work: one grid's, where one is named. The signal breaks off the calls to it. */
export interface Share extends GridCall {
  readonly grid?: string;
  /** It does not answer: it is not asked for jobs, nor to end any that could not be retired first. */
  readonly away?: boolean;
  /** Pools of which the grid does not say what it has taken: it is asked for no more jobs of theirs. */
  readonly held?: readonly string[];
  /** The cluster ends: what a broken submission has left is ended as it appears, and looked for more often. */
  readonly closing?: boolean;
}

/** What a grid answers only when it has taken nothing (grid/grid.ts). */
const refusals: readonly string[] = ['intent-invalid', 'site-unknown', 'site-banned', 'job-too-large'];

/** Jobs may wait so long for a slot before their token is worthless. */
const queueSeconds = 7 * 86_400;
const defaultFarewellMs = 3000;
/** A cluster that ends has no time to ask any more seldom for jobs that it does not know of yet. */
const closingEveryMs = 1000;

/**
 * Brings the grid's jobs in line with what the pools should have, and the lives in line with what the grid says.
 *
 * Every submission is written down before it is asked and after it is answered; `heal` asks the grid about those between.
 */
export class PoolKeeper {
  /** Lives whose end this keeper has begun; those that an earlier one began are taken up by `reconcile`. */
  private readonly leaving = new Set<string>();
  /** Of those, which Dask has let go: what is left to do needs their grid. */
  private readonly retired = new Set<string>();
  /** When the end of a life that could not be ended is tried again (Unix milliseconds). */
  private readonly retryAt = new Map<string, number>();
  private readonly killed = new Set<Life>();
  private readonly pace = new Pace();
  private readonly jobs: JobWatch;
  private readonly broken: BrokenBulks;
  /** Submissions are begun one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly around: PoolSurroundings) {
    this.jobs = new JobWatch(around);
    this.broken = new BrokenBulks(around);
  }

  /** Sentences about grids that take jobs and have never given one of them a place. */
  get unmatched(): readonly string[] {
    return this.jobs.unmatched;
  }

  /** Names of the grids that the pools are at. */
  get grids(): string[] {
    return [...new Set(this.around.ledger.pools.map(({ spec }) => spec.grid))];
  }

  /** All that is to be done at one grid now. @throws what failed first, when all that could be done is done */
  async round(grid: string, signal?: AbortSignal): Promise<void> {
    const share = { grid, signal };
    const unhealed = await failuresOf([() => this.heal(share)], (step) => step());
    const unseen = await failuresOf([() => this.look(share)], (step) => step());
    const held = unhealed.length === 0 ? [] : this.around.ledger.unanswered.map(({ pool }) => pool);
    const unmet = await failuresOf([{ ...share, away: unseen.length > 0, held }], (now) => this.reconcile(now));
    const [first] = [...unhealed, ...unseen, ...unmet];
    if (first !== undefined) throw first;
  }

  /** A grid that was asked, or away, a moment ago is asked again at once. */
  hurry(): void {
    this.pace.hurry();
  }

  /**
   * Submissions that were begun and not answered are looked up by their mark. None may be under way.
   *
   * A grid that was cut off may still be taking the jobs: until that is settled, fewer than asked is no answer.
   */
  async heal(share: Share = {}): Promise<void> {
    const bulks = this.around.ledger.unanswered.filter(({ pool }) => this.isOf(share, pool));
    await each(bulks, async (bulk) => {
      const grid = this.gridOf(bulk.pool);
      const usual = grid.watchEveryMs ?? 0;
      const everyMs = share.closing ? Math.min(closingEveryMs, usual) : usual;
      let isSettled = false;
      await this.pace.ask(bulk.mark, everyMs, async () => {
        isSettled = await this.broken.settle(grid, bulk, share, share.closing);
      });
      if (isSettled) this.pace.forget(bulk.mark);
    });
  }

  /** Asks the grids how the jobs are and notes what has changed. */
  async look(share: Share = {}): Promise<void> {
    const lives = this.around.ledger.lives.filter((life) => !life.ended && life.job !== null);
    await each(share.grid === undefined ? this.grids : [share.grid], async (name) => {
      const grid = this.around.gridOf(name);
      const there = lives.filter((life) => this.gridOf(life.pool) === grid);
      const look = () => this.jobs.look(grid, there, share);
      if (there.length === 0) await look();
      else await this.pace.ask(`jobs of ${name}`, grid.watchEveryMs ?? 0, look);
    });
  }

  /** Asks for what is missing, and lets go what is too much. */
  async reconcile(share: Share = {}): Promise<void> {
    const { ledger } = this.around;
    const pools = ledger.pools.filter(({ spec }) => this.isOf(share, spec.name));
    const failures = await failuresOf(pools, async (before) => {
      for (const stop of failingStarts(before, ledger.lives)) {
        await this.around.record({ is: 'stopped', at: now(), ...stop });
      }
      const pool = ledger.pool(before.spec.name) ?? before;
      const plan = planScaling(pool, ledger.lives, this.around.executing);
      const asks = !share.away && share.held?.includes(pool.spec.name) !== true;
      for (const [site, count] of asks ? plan.submit : []) await this.submit(pool, site, count, share);
      for (const life of [...plan.drain, ...plan.cancel]) {
        const evidence = whyLetGo(life, pool);
        await this.around.record({ is: 'life', at: now(), life: life.name, phase: 'draining', evidence });
      }
    });
    const leaving = ledger.lives.filter(({ phase, pool }) => phase === 'draining' && this.isOf(share, pool));
    for (const life of leaving) if (!share.away || this.isRetirable(life)) this.letGo(life);
    if (failures.length > 0) throw failures[0];
  }

  /** What a worker's job has written, as far as its grid tells. */
  async output(life: Life): Promise<JobOutput> {
    if (life.job !== null) return this.gridOf(life.pool).output(life.job);
    // Refused by the grid, or not asked yet: nothing of it ever ran.
    if (life.ended) return { text: '', final: true };
    throw new SitespanError('worker-not-submitted', `${life.name} has no job at ${life.site} yet, and so no log.`);
  }

  /** Ends one worker's job at once; its pool replaces it. */
  async kill(life: Life, why: string): Promise<void> {
    if (life.job === null)
      throw new SitespanError('worker-not-submitted', `${life.name} has no job at ${life.site} yet.`);
    this.around.log.info('killing a worker', { worker: life.name, job: life.job, why });
    await this.gridOf(life.pool).kill([life.job]);
  }

  /** Ends every job of the cluster, each asked once. Nothing is moved away: the cluster ends. */
  async killAll(share: Share = {}): Promise<void> {
    const doomed = this.around.ledger.lives.filter(
      (life) => !life.ended && life.job !== null && !this.killed.has(life) && this.isOf(share, life.pool),
    );
    await each([...new Set(doomed.map((life) => this.gridOf(life.pool)))], async (grid) => {
      const those = doomed.filter((life) => this.gridOf(life.pool) === grid);
      await grid.kill(
        those.flatMap((life) => life.job ?? []),
        share,
      );
      for (const life of those) this.killed.add(life);
    });
  }

  private gridOf(pool: string): Grid {
    const { ledger, gridOf } = this.around;
    return gridOf(ledger.pool(pool)?.spec.grid ?? 'local');
  }

  private isOf({ grid }: Share, pool: string): boolean {
    return grid === undefined || this.around.ledger.pool(pool)?.spec.grid === grid;
  }

  /** Writes a bulk down before its grid is asked: one at a time over all grids, since each takes the next number. */
  private begin(
    pool: PoolWish,
    site: string,
    count: number,
  ): Promise<{ readonly mark: string; readonly sandbox: string }> {
    const begun = this.turn.then(() => this.writeIntent(pool, site, count));
    this.turn = begun.catch(() => undefined);
    return begun;
  }

  private async writeIntent(pool: PoolWish, site: string, count: number) {
    const { ledger, record, payload, markPrefix } = this.around;
    const { name, walltimeSeconds } = pool.spec;
    const mark = `${markPrefix}.${ledger.bulks + 1}`;
    const first = ledger.lives.filter((life) => life.pool === name).length + 1;
    const lives = Array.from({ length: count }, (_, index) => `${name}-${first + index}`);
    const token = `join-${randomBytes(8).toString('hex')}`;
    const expires = Math.floor(now()) + queueSeconds + walltimeSeconds;
    const sandbox = await payload(pool, mark, token, expires);
    await record({ is: 'intent', at: now(), mark, pool: name, site, lives, token, expires });
    return { mark, sandbox };
  }

  private async submit(pool: PoolWish, site: string, count: number, call: GridCall): Promise<void> {
    const { record } = this.around;
    const grid = this.gridOf(pool.spec.name);
    const { walltimeSeconds, cores, memoryMb } = pool.spec;
    const { mark, sandbox } = await this.begin(pool, site, count);
    try {
      const intent = { mark, sites: [site], count, cores, memoryMb, walltimeSeconds, sandbox };
      const jobs = await grid.submit({ ...intent, executable: 'start.sh', environment: {} }, call);
      await record({ is: 'submitted', at: now(), mark, jobs: [...jobs] });
    } catch (error) {
      if (!isRefusal(error)) {
        // A deadline, a lost connection, a full disk: some of it may be done. `heal` asks the grid.
        this.broken.doubt(mark, error);
        throw error;
      }
      await record({ is: 'refused', at: now(), mark, why: error.message });
    }
  }

  /** Its scheduler can let it go, and then it ends itself: that needs no grid. */
  private isRetirable(life: Life): boolean {
    return life.hasReached('working') && !this.retired.has(life.name);
  }

  private letGo(life: Life): void {
    const { name, job } = life;
    if (job === null || this.leaving.has(name) || Date.now() < (this.retryAt.get(name) ?? 0)) return;
    this.leaving.add(name);
    this.leave(life, job).catch((error: unknown) => {
      this.around.log.error('a worker could not be ended', { worker: name, error });
      this.retryAt.set(name, Date.now() + (this.gridOf(life.pool).watchEveryMs ?? 0));
      this.leaving.delete(name);
    });
  }

  private async leave(life: Life, job: string): Promise<void> {
    const { retire, log, farewellMs = defaultFarewellMs } = this.around;
    const grid = this.gridOf(life.pool);
    if (this.isRetirable(life)) {
      // One that was retired ends by itself, and its grid is to call it done: for some that takes longer than the end does.
      const longer = await retire([life.subject]).then(
        () => {
          this.retired.add(life.name);
          return grid.endingMs ?? 0;
        },
        (error: unknown) => {
          log.warning('a worker was not retired', { worker: life.name, error });
          return 0;
        },
      );
      const farewell = { timeoutMs: farewellMs + longer, what: `The end of ${life.name}` };
      await until(() => life.ended, farewell).catch(() => undefined);
    }
    if (!life.ended) await grid.kill([job]);
  }
}

/** Does the work for all at once, though it fails for some: one grid's trouble is not another's. @throws the first failure */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled(all.map(work))).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function failuresOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const one of all) await work(one).catch((error: unknown) => failures.push(error));
  return failures;
}

function whyLetGo({ site }: Life, { spec, desired, adaptive, drained, stopped }: PoolWish): string {
  const closed = stopped?.find((one) => one.site === site);
  if (closed !== undefined) return `others of pool ${spec.name} failed to start at ${site}: ${closed.why}`;
  if (drained !== undefined) return `pool ${spec.name} was drained: nothing ran for ${drained.minutes} minutes`;
  return `pool ${spec.name} was ${adaptive === undefined ? 'scaled' : 'adapted'} to ${desired}`;
}

function isRefusal(error: unknown): error is SitespanError {
  return SitespanError.is(error) && refusals.includes(error.code);
}

function now(): number {
  return Date.now() / 1000;
}
