import { SitespanError } from '../../../src/base/errors.js';
import type {
  Grid,
  GridCall,
  GridIdentity,
  JobId,
  JobIntent,
  JobOutput,
  JobPhase,
  JobState,
  Site,
} from '../../../src/grid/grid.js';

interface FakeJob {
  readonly mark: string;
  phase: JobPhase;
  gridWords: string;
  output: string;
}

/** A grid in memory: its jobs do what the test says. */
export class FakeGrid implements Grid {
  readonly jobs = new Map<JobId, FakeJob>();
  readonly intents: JobIntent[] = [];
  readonly killed: JobId[] = [];
  /** What the next submissions end with: before the jobs are taken, or after. */
  failure: { readonly error: Error; readonly taken: boolean } | undefined;
  /** How long jobs of a broken submission may still appear. */
  settleMs = 0;
  /** How often it may be asked for its jobs. */
  watchEveryMs = 0;
  /** How long it may take to call done what has ended. */
  endingMs?: number;
  /** What is to blame where none of its jobs gets a place. */
  suspect?: string;
  /** What is not right with it. */
  warnings: readonly string[] = [];
  /** What the next looks end with. */
  watchFailure: Error | undefined;
  looks = 0;
  /** Why jobs wait again, where it tells. */
  again: string | undefined;
  /** What the next kills end with. */
  killFailure: Error | undefined;
  killsAsked = 0;
  /** What comes before it says which jobs a mark has: it may fail, or take its time. */
  beforeFind: ((mark: string, call?: GridCall) => Promise<void>) | undefined;

  constructor(readonly name = 'fake') {}

  /** How often it was asked for its sites, and what that ends with; it does not answer while `silent`. */
  sitesAsked = 0;
  sitesFailure: Error | undefined;
  silent = false;

  async sites(): Promise<readonly Site[]> {
    this.sitesAsked++;
    if (this.silent) await new Promise(() => undefined);
    if (this.sitesFailure !== undefined) throw this.sitesFailure;
    return ['north', 'south'].map((name) => ({ name, banned: false }));
  }

  async submit(intent: JobIntent): Promise<readonly JobId[]> {
    const { failure } = this;
    if (failure?.taken === false) throw failure.error;
    this.intents.push(intent);
    const ids = Array.from({ length: intent.count }, (_, index) => String(101 + this.jobs.size + index));
    for (const id of ids) this.jobs.set(id, { mark: intent.mark, phase: 'waiting', gridWords: 'Waiting', output: '' });
    if (failure !== undefined) throw failure.error;
    return ids;
  }

  /** Lets a job come into a phase, with the grid's own words for it. */
  become(id: JobId, phase: JobPhase, gridWords: string, output = ''): void {
    Object.assign(this.job(id), { phase, gridWords, output });
  }

  async watch(ids: readonly JobId[]): Promise<readonly JobState[]> {
    if (this.watchFailure !== undefined) throw this.watchFailure;
    this.looks++;
    return ids.map((id) => {
      const { phase, gridWords } = this.job(id);
      return { id, phase, gridWords, atMs: Date.now() };
    });
  }

  async whyAgain(): Promise<string | undefined> {
    return this.again;
  }

  async find(mark: string, call?: GridCall): Promise<readonly JobId[]> {
    await this.beforeFind?.(mark, call);
    return [...this.jobs].filter(([, job]) => job.mark === mark).map(([id]) => id);
  }

  async kill(ids: readonly JobId[]): Promise<void> {
    this.killsAsked++;
    if (this.killFailure !== undefined) throw this.killFailure;
    this.killed.push(...ids);
    for (const id of ids) this.become(id, 'killed', 'Killed');
  }

  async output(id: JobId): Promise<JobOutput> {
    return { text: this.job(id).output, final: true };
  }

  async identity(): Promise<GridIdentity> {
    return { name: 'me' };
  }

  private job(id: JobId): FakeJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new SitespanError('job-unknown', `There is no job ${id}.`);
    return job;
  }
}
