/** A place of a grid that takes jobs. */
export interface Site {
  readonly name: string;
  /** Cores that may run our jobs at once, where the grid says so. */
  readonly slots?: number;
  /** The grid does not send jobs there now. */
  readonly banned: boolean;
  /** The grid's own words about it, where it has some: `Active`, `Banned`. */
  readonly gridWords?: string;
}

/** The grid's name of a job, as text. Never used again for another. */
export type JobId = string;

/** One bulk of equal jobs. */
export interface JobIntent {
  /** Names installation, cluster and intent, so that the jobs are found again: 1 to 32 of `A-Z a-z 0-9 _ . -` (DIRAC's JobGroup). */
  readonly mark: string;
  /** Each job goes to one of these; none named means any. */
  readonly sites: readonly string[];
  readonly count: number;
  /** Per job. */
  readonly cores: number;
  /** Per job; 0 where the grid's own default will do. */
  readonly memoryMb: number;
  readonly walltimeSeconds: number;
  /** A folder whose content every job finds in its own folder when it starts. */
  readonly sandbox: string;
  /** A file of the sandbox, run without arguments. */
  readonly executable: string;
  /** Joins what the site sets. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Where a job is. `waiting` has no place yet, `matched` has one and does not run yet; `done`, `failed` and `killed` are final;
 * `unknown` is what a grid says that has no such job, or none that we may see.
 */
export type JobPhase = 'waiting' | 'matched' | 'running' | 'done' | 'failed' | 'killed' | 'unknown';

export interface JobState {
  readonly id: JobId;
  readonly phase: JobPhase;
  readonly site?: string;
  /** What the grid itself calls it, to be shown beside ours: `Failed (Job stalled: pilot not running)`. */
  readonly gridWords: string;
  readonly exitCode?: number;
  /** When it came into this phase, Unix milliseconds, as near as the grid tells. */
  readonly atMs: number;
}

export interface JobOutput {
  /** Standard output and error; of a long one the end. */
  readonly text: string;
  /** Whether the job has ended and nothing will be added. */
  readonly final: boolean;
}

/** Who we are to the grid. */
export interface GridIdentity {
  readonly name: string;
  readonly group?: string;
  /** Unix milliseconds; absent where it does not end. */
  readonly expiresAtMs?: number;
}

export interface GridCall {
  readonly signal?: AbortSignal | undefined;
}

export function isFinal(phase: JobPhase): boolean {
  return phase === 'done' || phase === 'failed' || phase === 'killed';
}

/**
 * Something that runs jobs at sites: this computer, DIRAC, DiracX. Keeps nothing that the next one made for the same grid
 * would miss: the keeper that uses it may be killed at any time.
 *
 * All throw SitespanError: `grid-unreachable` and the like from the implementation, and the codes below.
 */
export interface Grid {
  /** Stable, as in settings: `local`, `dirac`. */
  readonly name: string;
  /** Asking how jobs are more often than that is a burden on the grid, in milliseconds; absent where it is none. */
  readonly watchEveryMs?: number;
  /** Jobs of a submission that broke off may still appear for so long, in milliseconds; absent where `find` knows at once. */
  readonly settleMs?: number;
  /** What has ended by itself is called so by the grid within so long, in milliseconds; absent where it is at once. */
  readonly endingMs?: number;

  /** What to look at where it takes jobs and none of them ever gets a place: `the setup GridPP`. */
  readonly suspect?: string;

  /** What is not right with it and hinders nothing yet, such as a revocation list that is out of date; as far as known by now. */
  readonly warnings?: readonly string[];

  sites(call?: GridCall): Promise<readonly Site[]>;

  /**
   * Hands a bulk over, in one request where the grid can. After a crash before it returned, `find(mark)` tells what was handed over.
   *
   * @returns as many ids as jobs, in the grid's order.
   * @throws SitespanError `intent-invalid`, `site-unknown`, `site-banned`, `job-too-large`.
   */
  submit(intent: JobIntent, call?: GridCall): Promise<readonly JobId[]>;

  /** How these jobs are now, in their order, in as few requests as the grid allows. The caller asks again when it wants to. */
  watch(jobs: readonly JobId[], call?: GridCall): Promise<readonly JobState[]>;

  /** In the grid's own words, why a job that had a place waits for another; undefined where it does not tell. */
  whyAgain?(job: JobId, call?: GridCall): Promise<string | undefined>;

  /** Every job that we handed over under this mark and the grid still knows, ended ones too; oldest first. Nobody else's. */
  find(mark: string, call?: GridCall): Promise<readonly JobId[]>;

  /** Asks the grid to end them; `watch` tells when they have. An ended or unknown job is no error. */
  kill(jobs: readonly JobId[], call?: GridCall): Promise<void>;

  /**
   * What a job has written. A grid that gives nothing while it runs answers an empty text that is not final.
   *
   * @throws SitespanError `job-unknown`.
   */
  output(job: JobId, call?: GridCall): Promise<JobOutput>;

  identity(call?: GridCall): Promise<GridIdentity>;
}
