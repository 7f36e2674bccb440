import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { checkedIntent } from '../checkedIntent.js';
import {
  type Grid,
  type GridCall,
  type GridIdentity,
  isFinal,
  type JobId,
  type JobIntent,
  type JobOutput,
  type JobState,
  type Site,
} from '../grid.js';
import type { DiracSpec } from '../gridSpec.js';
import { DiracClient } from './diracClient.js';
import { jdlOf } from './jdl.js';
import { jobSummary, stateOf, unconfirmed, wordsOf } from './jobSummary.js';
import { packSandbox, starter, unpackOutput } from './sandbox.js';
import { siteMask, unlessMissing, whoAmI } from './siteCalls.js';
import { bytesArgument } from './wireValue.js';

const outputLimitBytes = 1024 * 1024;
/** DIRAC's default where it does not say. */
const defaultBulk = 20;
/** A submission whose sender has gone is carried out by then, or never. */
const settleMs = 15_000;
/** A node's wrapper looks for its job's end now and then, and then uploads what it has written. */
const wrapUpMs = 60_000;

const ids = z.array(z.coerce.string());
const statuses = z.record(z.string(), z.looseObject({ Status: z.string() }));
const summaries = z.record(z.string(), jobSummary);
/** Status, minor status, application's status, and when and by whom. */
const logging = z.array(z.tuple([z.string(), z.string(), z.string()]).rest(z.unknown()));
const sandboxes = z.looseObject({ Output: z.array(z.string()).default([]) });
const parameters = z.record(z.string(), z.record(z.string(), z.unknown()));

/**
 * A DIRAC 8 as a grid, by its HTTPS services and an ordinary user's proxy.
 *
 * A bulk is handed over in two steps, and no job of it runs before the second: so whatever a sender that died left behind is
 * whole once `find` has confirmed it.
 */
export class DiracGrid implements Grid {
  readonly settleMs = settleMs;
  readonly watchEveryMs: number;
  readonly endingMs: number;
  readonly suspect: string;
  private readonly client: DiracClient;
  private readonly seen = new Map<JobId, { readonly status: string; readonly state: JobState }>();
  private largestBulk: number | undefined;

  constructor(
    readonly name: string,
    private readonly spec: DiracSpec,
  ) {
    this.client = new DiracClient(spec);
    this.watchEveryMs = spec.pollSeconds * 1000;
    this.endingMs = wrapUpMs + 3 * this.watchEveryMs;
    this.suspect = `${spec.setup === '' ? '' : `the setup ${spec.setup} and `}whether its sites take jobs of ${spec.vo}`;
  }

  get warnings(): readonly string[] {
    return this.client.warnings;
  }

  async sites(call?: GridCall): Promise<readonly Site[]> {
    const mask = await siteMask(this.client, call);
    return this.spec.sites.map((name) => {
      const words = mask[name];
      return { name, banned: words !== undefined && words !== 'Active', ...(words && { gridWords: words }) };
    });
  }

  async submit(intent: JobIntent, call?: GridCall): Promise<readonly JobId[]> {
    const { count, sites } = checkedIntent(intent);
    const unknown = sites.find((site) => !this.spec.sites.includes(site));
    if (unknown !== undefined) {
      throw new SitespanError(
        'site-unknown',
        `The grid ${this.name} has no site ${unknown} in this cluster; it has ${this.spec.sites.join(', ')}.`,
      );
    }
    await this.refuseBanned(sites, call);
    const sandbox = await this.upload(intent, call);
    const allowed = intent.sites.length === 0 ? { ...intent, sites: this.spec.sites } : intent;
    const most = await this.bulkLimit(call);
    const jobs: JobId[] = [];
    while (jobs.length < count) {
      const bulk = { intent: allowed, count: Math.min(most, count - jobs.length), sandbox, executable: starter };
      jobs.push(...(await this.client.call('JobManager', 'submitJob', [jdlOf(bulk)], ids, call)));
    }
    await this.confirm(jobs, call);
    return jobs;
  }

  async watch(jobs: readonly JobId[], call?: GridCall): Promise<readonly JobState[]> {
    const known = jobs.filter(isJobId);
    const now = await this.statuses(known, call);
    const changed = known.filter((id) => {
      const seen = this.seen.get(id);
      return id in now && seen?.status !== now[id]?.Status && !isFinished(seen?.state);
    });
    const detailed = await this.summaries(changed, call);
    for (const [id, summary] of Object.entries(detailed)) {
      this.seen.set(id, { status: summary.Status, state: stateOf(id, summary) });
    }
    return jobs.map((id) => {
      const seen = this.seen.get(id)?.state;
      if (isFinished(seen) || (seen !== undefined && id in now)) return seen;
      return { id, phase: 'unknown', gridWords: 'DIRAC has no such job', atMs: Date.now() };
    });
  }

  /** What DIRAC or the job's wrapper wrote down when it was given up: `Rescheduled (Downloading InputSandbox; …)`. */
  async whyAgain(job: JobId, call?: GridCall): Promise<string | undefined> {
    const history = await this.client.call('JobMonitoring', 'getJobLoggingInfo', [Number(job)], logging, call);
    const last = history.findLast(([status]) => status === 'Rescheduled');
    if (last === undefined) return undefined;
    const [status, minor, application] = last;
    return wordsOf(status, minor, application);
  }

  /** Confirms what a sender that died has left unconfirmed. */
  async find(mark: string, call?: GridCall): Promise<readonly JobId[]> {
    // Everybody's jobs are shown to all, and anybody may use our mark.
    const { username: Owner } = await whoAmI(this.client, call);
    const found = await this.client.call('JobMonitoring', 'getJobs', [{ JobGroup: mark, Owner }], ids, call);
    const jobs = found.filter(isJobId).sort((a, b) => Number(a) - Number(b));
    const now = await this.statuses(jobs, call);
    const left = jobs.filter((id) => now[id]?.Status === unconfirmed);
    if (left.length > 0) await this.confirm(left, call);
    return jobs;
  }

  async kill(jobs: readonly JobId[], call?: GridCall): Promise<void> {
    const known = jobs.filter(isJobId).map(Number);
    if (known.length > 0) await this.client.call('JobManager', 'killJob', [known], z.unknown(), call);
  }

  async output(job: JobId, call?: GridCall): Promise<JobOutput> {
    const [state] = await this.watch([job], call);
    if (state === undefined || state.phase === 'unknown') {
      throw new SitespanError('job-unknown', `The grid ${this.name} has no job ${job}.`);
    }
    const final = isFinal(state.phase);
    const assigned = final ? await this.outputSandbox(job, call) : undefined;
    if (assigned === undefined) return { text: await this.lastLines(job, call), final };
    const packed = await this.client.download('SandboxStore', 'streamToClient', [assigned, ''], call);
    return { text: await unpackOutput(packed, outputLimitBytes), final };
  }

  async identity(call?: GridCall): Promise<GridIdentity> {
    const { username, group, secondsLeft } = await whoAmI(this.client, call);
    return {
      name: username,
      ...(group && { group }),
      ...(typeof secondsLeft === 'number' && { expiresAtMs: Date.now() + secondsLeft * 1000 }),
    };
  }

  /** Lets its connections go. */
  dispose(): Promise<void> {
    return this.client.close();
  }

  /** DIRAC takes jobs for them, and lets them wait. @throws SitespanError `site-banned` where no other remains */
  private async refuseBanned(sites: readonly string[], call?: GridCall): Promise<void> {
    const all = await this.sites(call);
    const wished = sites.length === 0 ? all : all.filter(({ name }) => sites.includes(name));
    if (!wished.every(({ banned }) => banned)) return;
    const said = wished.map(({ name, gridWords }) => `${name} (${gridWords ?? 'banned'})`).join(', ');
    throw new SitespanError(
      'site-banned',
      `The grid ${this.name} sends no jobs to ${said} now, so none is submitted; choose other sites, or wait until it is open again.`,
    );
  }

  private async confirm(jobs: readonly JobId[], call?: GridCall): Promise<void> {
    await this.client.call('JobManager', 'confirmBulkSubmission', [jobs.map(Number)], z.unknown(), call);
  }

  private async upload(intent: JobIntent, call?: GridCall): Promise<string> {
    const { name, bytes } = await packSandbox(intent);
    const args = [[name, {}], '', bytes.length, bytesArgument(bytes)];
    return this.client.call('SandboxStore', 'streamFromClient', args, z.string(), call);
  }

  private async bulkLimit(call?: GridCall): Promise<number> {
    this.largestBulk ??= await this.client
      .call('JobManager', 'getMaxParametricJobs', [], z.int().min(1), call)
      .catch(unlessMissing(defaultBulk));
    return this.largestBulk;
  }

  private async statuses(jobs: readonly JobId[], call?: GridCall): Promise<z.infer<typeof statuses>> {
    if (jobs.length === 0) return {};
    return this.client.call('JobMonitoring', 'getJobsStatus', [jobs.map(Number)], statuses, call);
  }

  private async summaries(jobs: readonly JobId[], call?: GridCall): Promise<z.infer<typeof summaries>> {
    if (jobs.length === 0) return {};
    return this.client.call('JobMonitoring', 'getJobsSummary', [jobs.map(Number)], summaries, call);
  }

  private async outputSandbox(job: JobId, call?: GridCall): Promise<string | undefined> {
    const found = await this.client.call(
      'SandboxStore',
      'getSandboxesAssignedToEntity',
      [`Job:${job}`],
      sandboxes,
      call,
    );
    return found.Output.at(-1)?.split('|').at(-1);
  }

  /** What the node last reported of a job that has no output sandbox (yet). */
  private async lastLines(job: JobId, call?: GridCall): Promise<string> {
    const all = await this.client.call('JobMonitoring', 'getJobParameters', [[Number(job)]], parameters, call);
    const text = all[job]?.['StandardOutput'];
    return typeof text === 'string' ? text : '';
  }
}

function isFinished(state: JobState | undefined): state is JobState {
  return state !== undefined && isFinal(state.phase);
}

function isJobId(id: JobId): boolean {
  return /^[1-9]\d{0,14}$/.test(id);
}
