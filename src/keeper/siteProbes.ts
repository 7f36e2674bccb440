import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { sleep, until, withDeadline } from '../base/waiting.js';
import type { EnvironmentDescription } from '../environment/description.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { type Grid, isFinal, type JobState } from '../grid/grid.js';
import type { Verdict } from './api.js';
import type { Fact } from './fact.js';
import { judgeProbe } from './judgeProbe.js';
import type { Ledger } from './ledger.js';
import { probeFacts, probeFile, writeProbe } from './probeScript.js';
import { finalWords } from './worker/finalWords.js';

/** What probes need of the rest of the cluster. */
export interface ProbeSurroundings {
  readonly ledger: Ledger;
  gridOf(name: string): Grid;
  /** Begins every mark; at most 24 characters. */
  readonly markPrefix: string;
  /** Where the jobs' sandboxes are written. */
  readonly payload: string;
  /** Where our wheel lies. */
  readonly bundle: string;
  /** The relay's, as workers dial it. */
  relayAddress(): string;
  /** What pools there would run with. */
  environmentAt(grid: string, site: string): EnvironmentSpec;
  /** The cluster's own, once its scheduler has told it. */
  clusterEnvironment(): EnvironmentDescription | undefined;
  record(fact: Fact): Promise<void>;
  readonly log: Log;
  /** Who asks is answered within that time, 50 s unless told otherwise; the look goes on. */
  readonly answerMs?: number;
  /** A job that has not ended by then is given up; 10 minutes unless told otherwise. */
  readonly limitMs?: number;
}

/** The first look into a CVMFS that has nothing cached takes most of a minute. */
const walltimeSeconds = 300;
const stopMs = 20_000;

/**
 * Looks at sites by one short job each, which carries no token. Its mark is written down before it is submitted and its
 * verdict after, so that the next keeper ends what this one left.
 */
export class SiteProbes {
  private readonly running = new Map<string, Promise<Verdict>>();
  private readonly ended = new AbortController();
  /** Marks of looks that this keeper began. */
  private readonly own = new Set<string>();
  private left: Promise<void> | undefined;

  constructor(private readonly around: ProbeSurroundings) {}

  /** Asking twice is one look. Rejects only where it cannot be begun. @param wished the environment, where no pool says it */
  async probe(grid: string, site: string, wished?: EnvironmentSpec): Promise<Verdict> {
    const key = `${grid} ${site}`;
    const environment = wished ?? this.around.environmentAt(grid, site);
    const look = this.running.get(key) ?? this.look(grid, site, environment).finally(() => this.running.delete(key));
    this.running.set(key, look);
    const { answerMs = 50_000 } = this.around;
    const answered = new AbortController();
    const late = sleep(answerMs, answered.signal).then(
      (): Verdict => verdictOf(false, `${site} has not run the probe yet; its verdict shows when it has.`),
    );
    try {
      return await Promise.race([look, late]);
    } finally {
      answered.abort();
      late.catch(() => undefined);
      look.catch(() => undefined);
    }
  }

  /** Ends the jobs of looks that an earlier keeper began. */
  endLeft(): Promise<void> {
    this.left ??= this.endAllLeft();
    return this.left;
  }

  /** Gives up all looks and ends their jobs, within a limit. */
  async stop(): Promise<void> {
    this.ended.abort(new SitespanError('cluster-closing', 'the cluster is being closed'));
    await withDeadline(() => Promise.allSettled([...this.running.values(), this.endLeft()]), {
      timeoutMs: stopMs,
      what: "The end of the probes' jobs",
    });
  }

  private async endAllLeft(): Promise<void> {
    const left = this.around.ledger.probes.filter(({ mark, verdict }) => verdict === undefined && !this.own.has(mark));
    for (const { mark, grid, site } of left) {
      await this.end(this.around.gridOf(grid), mark);
      const verdict = verdictOf(false, `The probe of ${site} was cut off when its keeper ended; probe the site again.`);
      await this.around.record({ is: 'probed', at: now(), mark, verdict });
    }
  }

  private async look(gridName: string, site: string, environment: EnvironmentSpec): Promise<Verdict> {
    const { gridOf, markPrefix, payload, bundle, record, log } = this.around;
    const grid = gridOf(gridName);
    const mark = `${markPrefix}.p${randomBytes(3).toString('hex')}`;
    const sandbox = join(payload, mark);
    this.own.add(mark);
    await writeProbe(sandbox, bundle, environment);
    await record({ is: 'probe', at: now(), grid: gridName, site, mark });
    const verdict = await this.ask(grid, environment, site, mark, sandbox).catch((error: unknown) =>
      verdictOf(false, `${site} could not be probed: ${error instanceof Error ? error.message : String(error)}`),
    );
    // It may have been taken though the answer was lost.
    await this.end(grid, mark).catch((error: unknown) => log.warning('a probe could not be ended', { mark, error }));
    await rm(sandbox, { recursive: true, force: true });
    // A look that was given up says nothing of the site.
    if (!this.ended.signal.aborted) await record({ is: 'probed', at: now(), mark, verdict });
    return verdict;
  }

  private async ask(
    grid: Grid,
    environment: EnvironmentSpec,
    site: string,
    mark: string,
    sandbox: string,
  ): Promise<Verdict> {
    const relay = this.around.relayAddress();
    const call = { signal: this.ended.signal };
    const [job] = await grid.submit(
      {
        ...{ mark, sites: [site], count: 1, cores: 1, memoryMb: 0, walltimeSeconds, sandbox },
        executable: probeFile,
        environment: { SITESPAN_PROBE_RELAY: relay },
      },
      call,
    );
    if (job === undefined) return verdictOf(false, `${site} took no job.`);
    const state = await this.awaitEnd(grid, job);
    if (!isFinal(state.phase)) {
      return verdictOf(false, `${site} has not run the probe in good time: ${state.gridWords}.`);
    }
    const { text } = await grid.output(job, call);
    const facts = probeFacts(text);
    const lastWords = finalWords(text, false);
    if (Object.keys(facts).length > 0) {
      const cluster = this.around.clusterEnvironment();
      const judgement = judgeProbe({ site, facts, lastWords, environment, cluster, relay });
      return verdictOf(judgement.ok, judgement.sentence, judgement.facts);
    }
    const said = lastWords === undefined ? '' : `; its last words: ${lastWords}`;
    return verdictOf(false, `The probe did not come through at ${site}: ${state.gridWords}${said}.`);
  }

  /** @returns how the job is when it has ended, or when it is given up */
  private async awaitEnd(grid: Grid, job: string): Promise<JobState> {
    const { limitMs = 600_000 } = this.around;
    let state: JobState = { id: job, phase: 'unknown', gridWords: 'Not seen yet', atMs: Date.now() };
    await until(
      async () => {
        state = (await grid.watch([job], { signal: this.ended.signal }))[0] ?? state;
        return isFinal(state.phase);
      },
      {
        timeoutMs: limitMs,
        everyMs: Math.max(300, grid.watchEveryMs ?? 0),
        what: 'The end of the probe',
        signal: this.ended.signal,
      },
    ).catch((error: unknown) => {
      if (!SitespanError.is(error, 'deadline')) throw error;
    });
    return state;
  }

  private async end(grid: Grid, mark: string): Promise<void> {
    const jobs = await grid.find(mark);
    if (jobs.length > 0) await grid.kill(jobs);
  }
}

function verdictOf(ok: boolean, sentence: string, facts: Record<string, string> = {}): Verdict {
  return { ok, sentence, at: now(), facts };
}

function now(): number {
  return Date.now() / 1000;
}
