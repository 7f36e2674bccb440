import { readdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { endKept } from '../../base/child/kept.js';
import { SitespanError } from '../../base/errors.js';
import { privateFolder } from '../../base/privateFolder.js';
import { unlessAbsent } from '../../base/systemError.js';
import { Turns } from '../../base/turns.js';
import { syncFolder } from '../../base/writeAtomically.js';
import { checkedIntent } from '../checkedIntent.js';
import type { JobOutput, JobState, Site } from '../grid.js';
import { type Grid, type GridCall, type GridIdentity, isFinal, type JobId, type JobIntent } from '../grid.js';
import { LocalJob } from './localJob.js';

export interface LocalGridOptions {
  /** `<cluster>/local`; the jobs lie in `jobs/` in it. One LocalGrid at a time uses it. */
  readonly folder: string;
  readonly sites?: readonly LocalSite[];
  /** Between TERM and KILL of a job that is killed or over its walltime. */
  readonly killGraceMs?: number;
  /** What jobs may inherit from; only the few variables that any program needs are taken. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface LocalSite {
  readonly name: string;
  readonly slots: number;
  /** A command that puts a job behind this site's own firewall, before the job's own: `['ip', 'netns', 'exec', 'site-a']`. */
  readonly enter?: readonly string[];
}

/** Two sites that share this computer's cores, so that what works here has seen more than one site. */
export function localSites(cores: number = availableParallelism()): readonly LocalSite[] {
  return [
    { name: 'north', slots: Math.max(1, Math.ceil(cores / 2)) },
    { name: 'south', slots: Math.max(1, Math.floor(cores / 2)) },
  ];
}

/**
 * This computer as a grid. A site is a name and a number of slots; a job is a kept process in a folder, so it goes on without us.
 *
 * A job that finds no free slot waits, and starts in the order of submission when somebody watches. Its cores count against
 * the slots; memory is not limited: a personal computer offers no portable way to.
 */
export class LocalGrid implements Grid {
  readonly name = 'local';
  private readonly places: readonly LocalSite[];
  private readonly killGraceMs: number;
  private readonly jobsFolder: string;
  private readonly surroundings: Readonly<Record<string, string>>;
  private readonly turns = new Turns();
  private readonly jobs = new Map<JobId, LocalJob>();
  private readonly ended = new Map<JobId, JobState>();

  constructor(options: LocalGridOptions) {
    this.places = options.sites ?? localSites();
    this.killGraceMs = options.killGraceMs ?? 5000;
    this.jobsFolder = join(options.folder, 'jobs');
    this.surroundings = surroundings(options.env ?? process.env);
  }

  async sites(): Promise<readonly Site[]> {
    return this.places.map(({ name, slots }) => ({ name, slots, banned: false }));
  }

  async submit(intent: JobIntent, call?: GridCall): Promise<readonly JobId[]> {
    const sites = await this.sitesFor(checkedIntent(intent));
    return this.turns.take(async () => {
      call?.signal?.throwIfAborted();
      await privateFolder(this.jobsFolder);
      const known = await readdir(this.jobsFolder);
      // We alone write here, so an unfinished folder is a crash's.
      for (const name of known.filter((name) => name.startsWith('.new-'))) await this.remove(name);
      const first = Math.max(0, ...known.filter(isJobId).map(Number)) + 1;
      const ids = Array.from({ length: intent.count }, (_, index) => String(first + index));
      try {
        for (const id of ids) await LocalJob.prepare(join(this.jobsFolder, `.new-${id}`), intent, sites);
      } catch (error) {
        for (const id of ids) await this.remove(`.new-${id}`);
        throw error;
      }
      for (const id of ids) await rename(join(this.jobsFolder, `.new-${id}`), join(this.jobsFolder, id));
      await syncFolder(this.jobsFolder);
      await this.fillSlots();
      return ids;
    });
  }

  async watch(jobs: readonly JobId[], call?: GridCall): Promise<readonly JobState[]> {
    return this.turns.take(async () => {
      call?.signal?.throwIfAborted();
      await this.fillSlots();
      return Promise.all(jobs.map((id) => this.stateOf(id)));
    });
  }

  async find(mark: string): Promise<readonly JobId[]> {
    return this.turns.take(async () => {
      await this.learn();
      return [...this.jobs.values()].filter((job) => job.asked.mark === mark).map((job) => job.id);
    });
  }

  /** Resolves when they have ended. */
  async kill(jobs: readonly JobId[]): Promise<void> {
    const alive = await this.turns.take(async () => {
      await this.learn();
      const found = jobs.map((id) => this.jobs.get(id)).filter((job) => job !== undefined);
      const alive: LocalJob[] = [];
      for (const job of found) {
        if (isFinal((await this.stateOf(job.id)).phase)) continue;
        await job.markKilled();
        alive.push(job);
      }
      return alive;
    });
    await Promise.all(alive.map((job) => endKept(job.folder, { graceMs: this.killGraceMs })));
  }

  async output(id: JobId): Promise<JobOutput> {
    return this.turns.take(async () => {
      await this.learn();
      const job = this.jobs.get(id);
      if (job === undefined) throw new SitespanError('job-unknown', `The local grid has no job ${id}.`);
      // The phase first: what is read after the end is all of it.
      const final = isFinal((await this.stateOf(id)).phase);
      return { text: await job.output(), final };
    });
  }

  async identity(): Promise<GridIdentity> {
    return { name: `${userInfo().username}@${hostname()}` };
  }

  private async sitesFor(intent: JobIntent): Promise<readonly string[]> {
    const names = this.places.map((place) => place.name);
    const unknown = intent.sites.find((site) => !names.includes(site));
    if (unknown !== undefined) {
      throw new SitespanError('site-unknown', `The local grid has no site ${unknown}; it has ${names.join(' and ')}.`);
    }
    const asked = this.places.filter((place) => intent.sites.length === 0 || intent.sites.includes(place.name));
    const large = asked.filter((place) => place.slots >= intent.cores);
    if (large.length === 0) {
      throw new SitespanError(
        'job-too-large',
        `A job of ${intent.cores} cores never fits at ${asked.map((place) => `${place.name} (${place.slots})`).join(' or ')} of the local grid; ask for fewer.`,
      );
    }
    const program = join(intent.sandbox, intent.executable);
    if ((await unlessAbsent(stat(program)))?.isFile() !== true) {
      throw new SitespanError(
        'intent-invalid',
        `These jobs cannot be submitted: there is no file ${program} on this computer.`,
      );
    }
    return large.map((place) => place.name);
  }

  /** Reads the jobs that another LocalGrid on this folder submitted before us, or that we have just made. */
  private async learn(): Promise<void> {
    const names = ((await unlessAbsent(readdir(this.jobsFolder))) ?? []).filter(isJobId);
    const unknown = names.filter((id) => !this.jobs.has(id)).sort((a, b) => Number(a) - Number(b));
    for (const id of unknown) this.jobs.set(id, await LocalJob.read(id, join(this.jobsFolder, id)));
  }

  private async stateOf(id: JobId): Promise<JobState> {
    const known = this.ended.get(id);
    if (known !== undefined) return known;
    const job = this.jobs.get(id);
    if (job === undefined) return { id, phase: 'unknown', gridWords: 'No such job', atMs: Date.now() };
    const state = await job.state();
    if (isFinal(state.phase)) this.ended.set(id, state);
    return state;
  }

  /** Starts what waits, strictly in order at each site, so that a large job is not passed for ever by small ones. */
  private async fillSlots(): Promise<void> {
    await this.learn();
    const free = new Map(this.places.map((place) => [place.name, place.slots]));
    const waiting: LocalJob[] = [];
    for (const job of this.jobs.values()) {
      const state = await this.stateOf(job.id);
      if (state.phase === 'waiting') waiting.push(job);
      if (state.phase !== 'running') continue;
      if (state.site !== undefined) free.set(state.site, (free.get(state.site) ?? 0) - job.asked.cores);
      await this.finishKilling(job);
    }
    for (const job of waiting) {
      const { sites, cores } = job.asked;
      const best = sites.toSorted((a, b) => (free.get(b) ?? 0) - (free.get(a) ?? 0))[0];
      const room = best === undefined ? 0 : (free.get(best) ?? 0);
      if (best === undefined || room < cores) {
        for (const site of sites) free.set(site, 0);
        continue;
      }
      free.set(best, room - cores);
      const enter = this.places.find((place) => place.name === best)?.enter ?? [];
      await job.start(best, enter, this.surroundings, this.killGraceMs);
    }
  }

  /** If the process that killed a job was itself killed before the grace time was over. */
  private async finishKilling(job: LocalJob): Promise<void> {
    const killedAtMs = await job.killedAtMs();
    if (killedAtMs === undefined || Date.now() - killedAtMs < this.killGraceMs) return;
    await endKept(job.folder, { graceMs: 0 });
  }

  private async remove(name: string): Promise<void> {
    await rm(join(this.jobsFolder, name), { recursive: true, force: true });
  }
}

function isJobId(name: string): boolean {
  return /^[1-9]\d*$/.test(name);
}

function surroundings(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const { PATH = '/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8', TMPDIR = '/tmp' } = env;
  return { PATH, HOME, LANG, TMPDIR };
}
