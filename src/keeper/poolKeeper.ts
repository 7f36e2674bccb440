import { randomBytes } from 'node:crypto';
import { SitespanError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { until } from '../base/waiting.js';
import { type Grid, isFinal, type JobOutput, type JobState } from '../grid/grid.js';
import type { Fact } from './fact.js';
import { failingStarts } from './failingStarts.js';
import { unmatched } from './firstMatch.js';
import type { Bulk, Ledger, PoolWish } from './ledger.js';
import { Pace } from './pace.js';
import { planScaling } from './scaling.js';
import { finalWords } from './worker/finalWords.js';
import type { Life } from './worker/life.js';

/** What the pools need of the rest of the cluster. */
export interface PoolSurroundings {
  readonly ledger: Ledger;
  /** The grid of that name. */
  gridOf(name: string): Grid;
  /** Begins every mark: installation and cluster; at most 24 characters. */
  readonly markPrefix: string;
  record(fact: Fact): Promise<void>;
  /** Writes what the jobs of a bulk carry. @returns its folder */
  payload(pool: PoolWish, mark: string, token: string, expires: number): Promise<string>;
  /** Whether a worker runs a task now; one that does not is let go first. */
  executing?(life: Life): boolean;
  /** Retires in Dask: data moves away, then the worker ends itself. */
  retire(workers: readonly string[]): Promise<void>;
  readonly log: Log;
  /** A worker gets so long to end by itself after it was retired; 3 s unless told otherwise. */
  readonly farewellMs?: number;
}

/** What a grid answers only when it has taken nothing (grid/grid.ts). */
const refusals: readonly string[] = ['intent-invalid', 'site-unknown', 'site-banned', 'job-too-large'];

/** Jobs may wait so long for a slot before their token is worthless. */
const queueSeconds = 7 * 86_400;
const defaultFarewellMs = 3000;

/**
 * Brings the grid's jobs in line with what the pools should have, and the lives in line with what the grid says.
 *
 * Every submission is written down before it is asked and after it is answered; `heal` asks the grid about those between.
 */
export class PoolKeeper {
  /** Lives whose end this keeper has begun; those that an earlier one began are taken up by `reconcile`. */
  private readonly leaving = new Set<string>();
  /** Why a submission failed of which the grid may have taken jobs all the same; by mark. */
  private readonly doubts = new Map<string, string>();
  /** Since when an unanswered submission's sender is known to be gone (Unix seconds); by mark. */
  private readonly orphanedSince = new Map<string, number>();
  private readonly killed = new Set<Life>();
  private readonly pace = new Pace();
  /** Of each grid whose jobs get no place, that they do not; by name. */
  private readonly waits = new Map<string, string>();

  constructor(private readonly around: PoolSurroundings) {}

  /** Sentences about grids that take jobs and have never given one of them a place. */
  get unmatched(): readonly string[] {
    return [...this.waits.values()];
  }

  /**
   * Submissions that were begun and not answered are looked up by their mark. None may be under way.
   *
   * A grid that was cut off may still be taking the jobs: until that is settled, fewer than asked is no answer.
   */
  async heal(): Promise<void> {
    await each(this.around.ledger.unanswered, async (bulk) => {
      const grid = this.gridOf(bulk.pool);
      return this.pace.ask(bulk.mark, grid.watchEveryMs ?? 0, () => this.healBulk(grid, bulk));
    });
  }

  /** Asks the grids how the jobs are and notes what has changed. */
  async look(): Promise<void> {
    const lives = this.around.ledger.lives.filter((life) => !life.ended && life.job !== null);
    const byGrid = new Map<Grid, Life[]>();
    for (const life of lives) {
      const grid = this.gridOf(life.pool);
      byGrid.set(grid, [...(byGrid.get(grid) ?? []), life]);
    }
    const asked = new Set([...byGrid.keys()].map(({ name }) => name));
    for (const name of this.waits.keys()) if (!asked.has(name)) this.waits.delete(name);
    await each([...byGrid], ([grid, those]) =>
      this.pace.ask(`jobs of ${grid.name}`, grid.watchEveryMs ?? 0, () => this.lookAt(grid, those)),
    );
  }

  /** Asks for what is missing, and lets go what is too much. */
  async reconcile(): Promise<void> {
    const { ledger } = this.around;
    const failures = await failuresOf(ledger.pools, async (before) => {
      for (const stop of failingStarts(before, ledger.lives)) {
        await this.around.record({ is: 'stopped', at: now(), ...stop });
      }
      const pool = ledger.pool(before.spec.name) ?? before;
      const plan = planScaling(pool, ledger.lives, this.around.executing);
      for (const [site, count] of plan.submit) await this.submit(pool, site, count);
      for (const life of [...plan.drain, ...plan.cancel]) {
        const evidence = whyLetGo(life, pool);
        await this.around.record({ is: 'life', at: now(), life: life.name, phase: 'draining', evidence });
      }
    });
    for (const life of ledger.lives) if (life.phase === 'draining') this.letGo(life);
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
  async killAll(): Promise<void> {
    const doomed = this.around.ledger.lives.filter(
      (life) => !life.ended && life.job !== null && !this.killed.has(life),
    );
    await each([...new Set(doomed.map((life) => this.gridOf(life.pool)))], async (grid) => {
      const those = doomed.filter((life) => this.gridOf(life.pool) === grid);
      await grid.kill(those.flatMap((life) => life.job ?? []));
      for (const life of those) this.killed.add(life);
    });
  }

  private gridOf(pool: string): Grid {
    const { ledger, gridOf } = this.around;
    return gridOf(ledger.pool(pool)?.spec.grid ?? 'local');
  }

  private async healBulk(grid: Grid, { mark, site, lives }: Bulk): Promise<void> {
    const { record, log } = this.around;
    const at = now();
    const since = this.orphanedSince.get(mark) ?? at;
    this.orphanedSince.set(mark, since);
    const jobs = await grid.find(mark);
    if (jobs.length < lives.length && at - since < (grid.settleMs ?? 0) / 1000) return;
    const surplus = jobs.slice(lives.length);
    if (surplus.length > 0) {
      log.warning('the grid took a bulk more than once; what is too much is ended', { mark, jobs: surplus });
      await grid.kill(surplus);
    }
    const why = this.doubts.get(mark) ?? `the keeper was ended before it asked ${site}`;
    if (jobs.length > 0) await record({ is: 'submitted', at, mark, jobs: jobs.slice(0, lives.length) });
    else await record({ is: 'refused', at, mark, why });
    this.doubts.delete(mark);
    this.orphanedSince.delete(mark);
    this.pace.forget(mark);
  }

  private async lookAt(grid: Grid, lives: readonly Life[]): Promise<void> {
    const states = await grid.watch(lives.flatMap((life) => life.job ?? []));
    for (const [index, life] of lives.entries()) {
      const state = states[index];
      const step = state && (await this.stepOf(grid, life, state));
      if (step === undefined || state === undefined) continue;
      const at = Math.min(now(), state.atMs / 1000);
      if (life.canReach(step.phase)) await this.around.record({ is: 'life', at, life: life.name, ...step });
    }
    await this.watchFirst(grid);
  }

  /** A wrong setup, for one, shows by nothing but that no job ever gets a place. */
  private async watchFirst({ name, suspect }: Grid): Promise<void> {
    const found = unmatched(this.around.ledger, name, now());
    if (found === undefined || suspect === undefined) {
      this.waits.delete(name);
      return;
    }
    const sentence = `the grid ${name} takes jobs, but none has got a place; check ${suspect} ("sitespan grid check ${name}").`;
    const isNew = !this.waits.has(name);
    this.waits.set(name, `Waiting for ${found.minutes} minutes: ${sentence}`);
    const { life, minutes } = found;
    if (!isNew || life.snapshot().warnings.some((one) => one.endsWith(sentence))) return;
    await this.around.record({
      ...{ is: 'noticed', at: now(), life: life.name },
      sentence: `Waiting for ${minutes} minutes: ${sentence}`,
    });
  }

  private async submit(pool: PoolWish, site: string, count: number): Promise<void> {
    const { ledger, record, payload, markPrefix } = this.around;
    const grid = this.gridOf(pool.spec.name);
    const { name, walltimeSeconds, cores, memoryMb } = pool.spec;
    const mark = `${markPrefix}.${ledger.bulks + 1}`;
    const first = ledger.lives.filter((life) => life.pool === name).length + 1;
    const lives = Array.from({ length: count }, (_, index) => `${name}-${first + index}`);
    const token = `join-${randomBytes(8).toString('hex')}`;
    const expires = Math.floor(now()) + queueSeconds + walltimeSeconds;
    const sandbox = await payload(pool, mark, token, expires);
    await record({ is: 'intent', at: now(), mark, pool: name, site, lives, token, expires });
    try {
      const intent = { mark, sites: [site], count, cores, memoryMb, walltimeSeconds, sandbox };
      const jobs = await grid.submit({ ...intent, executable: 'start.sh', environment: {} });
      await record({ is: 'submitted', at: now(), mark, jobs: [...jobs] });
    } catch (error) {
      if (!isRefusal(error)) {
        // A deadline, a lost connection, a full disk: some of it may be done. `heal` asks the grid.
        this.doubts.set(mark, error instanceof Error ? error.message : String(error));
        throw error;
      }
      await record({ is: 'refused', at: now(), mark, why: error.message });
    }
  }

  private letGo(life: Life): void {
    const { name, job } = life;
    if (job === null || this.leaving.has(name)) return;
    this.leaving.add(name);
    this.leave(life, job).catch((error: unknown) => {
      this.around.log.error('a worker could not be ended', { worker: name, error });
      this.leaving.delete(name);
    });
  }

  private async leave(life: Life, job: string): Promise<void> {
    const { retire, log, farewellMs = defaultFarewellMs } = this.around;
    const grid = this.gridOf(life.pool);
    if (life.hasReached('working')) {
      // One that was retired ends by itself, and its grid is to call it done: for some that takes longer than the end does.
      const longer = await retire([life.subject]).then(
        () => grid.endingMs ?? 0,
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

  private async stepOf(
    grid: Grid,
    life: Life,
    state: JobState,
  ): Promise<Pick<Extract<Fact, { is: 'life' }>, 'phase' | 'evidence'> | undefined> {
    const evidence = state.gridWords;
    if (isFinal(state.phase)) return { phase: 'ended', evidence: await this.cause(grid, life, state) };
    if (state.phase === 'waiting') return { phase: 'waiting', evidence };
    if (state.phase === 'matched') return { phase: 'matched', evidence };
    if (state.phase === 'running') return { phase: 'starting', evidence };
    return undefined;
  }

  /**
   * The grid's words, and for a failure the job's last ones: also of one that the grid takes for done though it never came
   * here, as where a site's own wrapper swallows the exit code.
   */
  private async cause(grid: Grid, life: Life, state: JobState): Promise<string> {
    const came = life.hasReached('enrolled');
    if (state.phase === 'killed' || (state.phase === 'done' && came)) return state.gridWords;
    const output = await grid.output(state.id).catch((error: unknown) => {
      this.around.log.warning("a job's output could not be read", { worker: life.name, job: state.id, error });
    });
    const last = output === undefined ? undefined : finalWords(output.text, came);
    return last === undefined ? state.gridWords : `${state.gridWords}; its last words: ${last}`;
  }
}

/** Does the work for each, though it fails for some: one grid's trouble is not another's. @throws the first failure */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const failures = await failuresOf(all, work);
  if (failures.length > 0) throw failures[0];
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
