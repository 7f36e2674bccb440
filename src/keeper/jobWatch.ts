import type { Log } from '../base/log.js';
import { type Grid, type GridCall, isFinal, type JobState } from '../grid/grid.js';
import type { Fact, FactOf } from './fact.js';
import { placed, unmatched } from './firstMatch.js';
import type { Ledger } from './ledger.js';
import { finalWords } from './worker/finalWords.js';
import type { Life } from './worker/life.js';

/** How long a cluster looks on before it says or does something, in seconds. */
export interface WatchLimits {
  /** A grid's first jobs may wait so long for a place before that is said; 600 unless told otherwise. */
  readonly firstMatchSeconds?: number | undefined;
  /** A worker that the scheduler has lost, and its grid takes for running, is given up after so long; 180 unless told otherwise. */
  readonly lostSeconds?: number | undefined;
}

export interface WatchSurroundings {
  readonly ledger: Ledger;
  record(fact: Fact): Promise<void>;
  /** Whether the scheduler has the worker; undefined while the scheduler does not say. */
  knows?(life: Life): boolean | undefined;
  readonly limits?: WatchLimits;
  readonly log: Log;
}

/** A worker without a scheduler ends by itself within two minutes; then its grid needs a moment to see that. */
const usualLostSeconds = 180;

/** Takes the lives along with what the grids say of their jobs. */
export class JobWatch {
  /** Of each grid whose jobs get no place, that they do not; by name. */
  private readonly waits = new Map<string, string>();
  /** Whether a job that had a place waits for another; by life. */
  private readonly putBack = new Map<string, boolean>();
  /** Since when the scheduler has not had a worker whose job runs (Unix seconds); by life. */
  private readonly missing = new Map<string, number>();
  private readonly warned = new Set<string>();
  /** Lost lives whose jobs their grid did not end when it was asked, which has been said; by name. */
  private readonly unended = new Set<string>();

  constructor(private readonly around: WatchSurroundings) {}

  /** Sentences about grids that take jobs and have never given one of them a place. */
  get unmatched(): readonly string[] {
    return [...this.waits.values()];
  }

  /** Asks a grid how the jobs of these lives are and notes what has changed; all that it has, and which have not ended. */
  async look(grid: Grid, lives: readonly Life[], call: GridCall): Promise<void> {
    const jobs = lives.flatMap((life) => life.job ?? []);
    const states = jobs.length === 0 ? [] : await grid.watch(jobs, call);
    this.sayWarnings(grid);
    for (const [index, life] of lives.entries()) {
      const state = states[index];
      if (state === undefined) continue;
      const step = await this.stepOf(grid, life, state, call);
      const at = Math.min(now(), state.atMs / 1000);
      if (step !== undefined && life.canReach(step.phase)) {
        await this.around.record({ is: 'life', at, life: life.name, ...step });
      }
      await this.noticePutBack(grid, life, state, call);
      await this.giveUpLost(grid, life, state, call);
    }
    await this.watchFirst(grid);
  }

  /** What is not right with a grid and hinders nothing yet, such as a revocation list that is out of date; each once. */
  private sayWarnings({ name, warnings = [] }: Grid): void {
    for (const warning of warnings) {
      if (this.warned.has(warning)) continue;
      this.warned.add(warning);
      this.around.log.warning('something about a grid is not right', { grid: name, warning });
    }
  }

  private async stepOf(
    grid: Grid,
    life: Life,
    state: JobState,
    call: GridCall,
  ): Promise<Pick<FactOf<'life'>, 'phase' | 'evidence'> | undefined> {
    const evidence = state.gridWords;
    if (isFinal(state.phase)) return { phase: 'ended', evidence: await this.cause(grid, life, state, call) };
    if (state.phase === 'waiting') return { phase: 'waiting', evidence };
    if (state.phase === 'matched') return { phase: 'matched', evidence };
    if (state.phase === 'running') return { phase: 'starting', evidence };
    return undefined;
  }

  /**
   * The grid's words, and for a failure the job's last ones: also of one that the grid takes for done though it never came
   * here, as where a site's own wrapper swallows the exit code.
   */
  private async cause(grid: Grid, life: Life, state: JobState, call: GridCall): Promise<string> {
    const came = life.hasReached('enrolled');
    if (state.phase === 'killed' || (state.phase === 'done' && came)) return state.gridWords;
    const output = await grid.output(state.id, call).catch((error: unknown) => {
      this.around.log.warning("a job's output could not be read", { worker: life.name, job: state.id, error });
    });
    const last = output === undefined ? undefined : finalWords(output.text, came);
    return last === undefined ? state.gridWords : `${state.gridWords}; its last words: ${last}`;
  }

  /** A life only goes forward; that its job does not is a remark, for each time once. */
  private async noticePutBack(
    grid: Grid,
    life: Life,
    { id, phase, gridWords }: JobState,
    call: GridCall,
  ): Promise<void> {
    if (phase === 'matched' || phase === 'running') this.putBack.set(life.name, false);
    if (phase !== 'waiting' || life.ended || !placed.some((one) => life.hasReached(one))) return;
    const beginning = `The grid ${grid.name} has put its job ${life.job} back into the queue`;
    const isKnown = this.putBack.get(life.name) ?? life.snapshot().warnings.at(-1)?.startsWith(beginning) ?? false;
    this.putBack.set(life.name, true);
    if (isKnown) return;
    const why = await grid.whyAgain?.(id, call).catch((error: unknown) => {
      this.around.log.warning('why a job starts again is not known', { worker: life.name, job: id, error });
    });
    const sentence = `${beginning} (${why ?? gridWords}); it starts again by itself when it gets another place.`;
    await this.around.record({ is: 'noticed', at: now(), life: life.name, sentence });
  }

  /** A node that dies says nothing, and its grid may take hours to see it: the scheduler sees it at once. */
  private async giveUpLost(grid: Grid, life: Life, { id, phase, gridWords }: JobState, call: GridCall): Promise<void> {
    const { knows, limits, record, log } = this.around;
    if (life.phase !== 'working' || phase !== 'running' || knows?.(life) !== false) {
      this.missing.delete(life.name);
      return;
    }
    const since = this.missing.get(life.name) ?? now();
    this.missing.set(life.name, since);
    if (now() - since < (limits?.lostSeconds ?? usualLostSeconds)) return;
    try {
      await grid.kill([id], call);
    } catch (error) {
      // Tried again at the next look: a life that is given up has no job left. The others are looked at meanwhile.
      const isNew = !this.unended.has(life.name);
      this.unended.add(life.name);
      if (isNew) log.warning('the job of a lost worker could not be ended', { worker: life.name, job: id, error });
      return;
    }
    const evidence = `vanished without a word at ${new Date(since * 1000).toISOString()}, as when its node dies or is cut off; the grid ${grid.name} still says ${gridWords}, so its job ${id} is ended and another is asked for`;
    await record({ is: 'life', at: now(), life: life.name, phase: 'ended', evidence });
  }

  /** A wrong setup, for one, shows by nothing but that no job ever gets a place. */
  private async watchFirst({ name, suspect }: Grid): Promise<void> {
    const { ledger, limits, record } = this.around;
    const found = unmatched(ledger, name, now(), limits?.firstMatchSeconds);
    if (found === undefined || suspect === undefined) {
      this.waits.delete(name);
      return;
    }
    const sentence = `the grid ${name} takes jobs, but none has got a place; check ${suspect} ("sitespan grid check ${name}").`;
    const isNew = !this.waits.has(name);
    this.waits.set(name, `Waiting for ${found.minutes} minutes: ${sentence}`);
    const { life, minutes } = found;
    if (!isNew || life.snapshot().warnings.some((one) => one.endsWith(sentence))) return;
    await record({
      ...{ is: 'noticed', at: now(), life: life.name },
      sentence: `Waiting for ${minutes} minutes: ${sentence}`,
    });
  }
}

function now(): number {
  return Date.now() / 1000;
}
