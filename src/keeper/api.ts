import { z } from 'zod';
import { environmentDescription } from '../environment/description.js';
import { environmentSpec } from '../environment/environmentSpec.js';
import { gridName } from '../grid/gridSpec.js';
import { identitySchema } from '../relay/identity.js';
import { throughputCalls } from './throughputApi.js';

/**
 * What a keeper is asked and what it answers, over its unix socket: `POST /v1/<noun>/<verb>` with JSON, and the
 * WebSocket `/v1/state` of whole snapshots. It only grows: an older keeper outlives the window that made it.
 */

/** A name that is safe in paths, addresses and grid marks; the sentence is for the person who chose it. */
export const clusterName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/,
    'A name has up to 40 letters, digits, "-" or "_", and starts with a letter or digit.',
  );

export const poolSpec = z.strictObject({
  name: clusterName,
  /** `local`, or a grid of the cluster's settings. */
  grid: gridName.default('local'),
  /** Names of the grid's sites; workers are spread evenly over them. */
  sites: z.array(z.string().min(1)).min(1),
  cores: z.int().min(1).default(1),
  /** Limit of one worker; 0 for none. */
  memoryMb: z.int().min(0).default(0),
  walltimeSeconds: z.int().min(60).default(86_400),
  /** The worker's interpreter, as the site's nodes see it. */
  python: z.string().min(1).default('python3'),
  /** How to get the worker's Python on the site's nodes, where that is not just an interpreter: then `python` is not used. */
  environment: environmentSpec.optional(),
  /** Dask resources of each worker, e.g. `{GPU: 1}`. */
  resources: z.record(z.string(), z.number()).default({}),
});
export type PoolSpec = z.infer<typeof poolSpec>;

/** A worker's life, in order. Not every life passes every phase; each is reached at most once. */
export const lifePhases = [
  'requested',
  'submitted',
  'waiting',
  'matched',
  'starting',
  'enrolled',
  'working',
  'draining',
  'ended',
] as const;
export const lifePhase = z.enum(lifePhases);
export type LifePhase = z.infer<typeof lifePhase>;

export const lifeSnapshot = z.object({
  name: z.string(),
  pool: z.string(),
  site: z.string(),
  job: z.string().nullable(),
  phase: lifePhase,
  /** When each phase was reached (Unix seconds), with what showed it. */
  steps: z.array(z.object({ phase: lifePhase, at: z.number(), evidence: z.string() })),
  warnings: z.array(z.string()),
});
export type LifeSnapshot = z.infer<typeof lifeSnapshot>;

/** Totals that only grow, of successful tasks; `again` is the part that had been done before. */
export const counts = z.object({ events: z.number(), bytes: z.number() });
export type Counts = z.infer<typeof counts>;

const rates = z.object({ eventsPerSecond: z.number(), bytesPerSecond: z.number() });

export const sampleTotals = counts.extend({ files: z.number(), seconds: z.number() });
export type SampleTotals = z.infer<typeof sampleTotals>;

const problem = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.object({ command: z.string(), label: z.string() }).optional(),
});
export type Problem = z.infer<typeof problem>;

export const kernelSnapshot = z.object({
  id: z.string(),
  /** Folder with `record.jsonl`, `log` and `host.sock`. */
  folder: z.string(),
  phase: z.enum(['starting', 'idle', 'busy', 'dead']),
  /** How many cells are in each state. */
  cells: z.object({ queued: z.int(), running: z.int(), done: z.int(), failed: z.int(), skipped: z.int() }),
  problem: problem.optional(),
  /** The notebook it belongs to, as it was asked for; else it is anybody's. */
  notebook: z.string().optional(),
  cwd: z.string().optional(),
  /** How its Python is got, and which it is, once its host has said so. */
  environment: environmentSpec.optional(),
  python: z.object({ version: z.string(), executable: z.string() }).optional(),
  /** When it last had to do, and since when its running cell runs (Unix seconds). */
  lastActivity: z.number().optional(),
  runningSince: z.number().optional(),
  /** Why it has ended, where that was wished: then there is no problem. */
  ended: z.string().optional(),
});
export type KernelSnapshot = z.infer<typeof kernelSnapshot>;

const phaseNumbers = z.partialRecord(lifePhase, z.int());

export const clusterSnapshot = z.object({
  name: z.string(),
  id: z.string(),
  phase: z.enum(['starting', 'working', 'closing', 'failed']),
  /** Why it failed, or what hinders it. */
  problems: z.array(problem),
  relay: z.object({ address: z.string(), restarts: z.int() }),
  scheduler: z.object({ address: z.string(), httpPort: z.int().nullable() }),
  pools: z.array(
    z.object({
      name: z.string(),
      sites: z.array(z.string()),
      desired: z.int(),
      lives: phaseNumbers,
      /** What it is of, as far as the keeper's version tells it: its grid, and what one worker takes of a site. */
      grid: z.string().optional(),
      cores: z.int().optional(),
      memoryMb: z.int().optional(),
      walltimeSeconds: z.int().optional(),
      /** Between these `desired` follows the scheduler. */
      adaptive: z.object({ minimum: z.int(), maximum: z.int() }).optional(),
    }),
  ),
  sites: z.array(counts.extend(rates.shape).extend({ site: z.string(), lives: phaseNumbers })),
  samples: z.record(z.string(), sampleTotals),
  total: counts.extend(rates.shape).extend({ again: counts }),
  tasks: z.object({ waiting: z.int(), processing: z.int(), memory: z.int(), erred: z.int() }),
  kernels: z.array(kernelSnapshot),
  /** What the cluster's environment has, once its scheduler has started. */
  environment: environmentDescription.optional(),
  /** Its Jupyter server on 127.0.0.1, while that runs; it is another one after its port has changed. */
  jupyter: z.object({ port: z.int() }).optional(),
});
export type ClusterSnapshot = z.infer<typeof clusterSnapshot>;

/** One moment of a run: running totals `[events, bytes]` by worker, and each worker's site. */
export const seriesOfThroughput = z.object({
  /** Seconds since the Unix epoch of each point. */
  times: z.array(z.number()),
  /** By worker name, as long as `times`; null before it came. Totals stay when it has gone. */
  workers: z.record(
    z.string(),
    z.object({ site: z.string(), totals: z.array(z.tuple([z.number(), z.number()]).nullable()) }),
  ),
});
export type ThroughputSeries = z.infer<typeof seriesOfThroughput>;

/** What a short job found at a site: whether workers of ours can start there, in a sentence, and what it saw by name. */
export const verdict = z.object({
  ok: z.boolean(),
  sentence: z.string(),
  /** Unix seconds. */
  at: z.number(),
  facts: z.record(z.string(), z.string()),
});
export type Verdict = z.infer<typeof verdict>;

export const siteSnapshot = z.object({
  name: z.string(),
  /** Cores for our jobs, where the grid says so. */
  slots: z.int().optional(),
  banned: z.boolean(),
  gridWords: z.string().optional(),
  /** Of this cluster: jobs that wait there, jobs that run, and how many of those are workers at work. */
  waiting: z.int(),
  running: z.int(),
  workers: z.int(),
  /** Of the last probe. */
  verdict: verdict.optional(),
});
export type SiteSnapshot = z.infer<typeof siteSnapshot>;

/** A grid of the cluster; with `trouble` its sites are as last known. */
export const gridSnapshot = z.object({
  grid: z.string(),
  sites: z.array(siteSnapshot),
  trouble: problem.optional(),
});
export type GridSnapshot = z.infer<typeof gridSnapshot>;

/** A worker at a glance: a life without its history. */
export const workerSnapshot = z.object({
  name: z.string(),
  site: z.string(),
  job: z.string().nullable(),
  phase: lifePhase,
  /** Since when it is in that phase (Unix seconds), and what showed it. */
  since: z.number(),
  evidence: z.string(),
});
export type WorkerSnapshot = z.infer<typeof workerSnapshot>;
/** Where a front end finds the cluster's Jupyter server, and what it must show there. */
export const jupyterAddress = z.object({ url: z.url(), token: z.string(), version: z.string() });
export type JupyterAddress = z.infer<typeof jupyterAddress>;

export const errorAnswer = problem;

/** One call: where it goes, and what is asked and answered. */
export interface Call<Request extends z.ZodType, Answer extends z.ZodType> {
  readonly path: string;
  readonly request: Request;
  readonly answer: Answer;
}

/** Every call. An answer without content is `{}`. */
export const calls = {
  clusterState: { path: '/v1/cluster/state', request: z.strictObject({}), answer: clusterSnapshot },
  closeCluster: { path: '/v1/cluster/close', request: z.strictObject({}), answer: z.object({}) },
  createPool: { path: '/v1/pool/create', request: poolSpec, answer: z.object({}) },
  scalePool: {
    path: '/v1/pool/scale',
    /** Many workers are refused with `confirmation-needed` unless they are confirmed. */
    request: z.strictObject({ pool: z.string(), workers: z.int().min(0), confirmed: z.boolean().default(false) }),
    answer: z.object({}),
  },
  /** The pool follows the scheduler's own target between two numbers, until it is scaled. */
  adaptPool: {
    path: '/v1/pool/adapt',
    request: z
      .strictObject({
        pool: z.string(),
        minimum: z.int().min(0),
        maximum: z.int().min(0),
        confirmed: z.boolean().default(false),
      })
      .refine(({ minimum, maximum }) => minimum <= maximum, { path: ['minimum'], error: 'is more than the maximum' }),
    answer: z.object({}),
  },
  listLives: {
    path: '/v1/life/list',
    request: z.strictObject({ pool: z.string().optional() }),
    answer: z.array(lifeSnapshot),
  },
  killWorker: { path: '/v1/worker/kill', request: z.strictObject({ worker: z.string() }), answer: z.object({}) },
  revokeToken: { path: '/v1/token/revoke', request: z.strictObject({ token: z.string() }), answer: z.object({}) },
  throughputSeries: { path: '/v1/throughput/series', request: z.strictObject({}), answer: seriesOfThroughput },
  schedulerCode: { path: '/v1/scheduler/code', request: z.strictObject({}), answer: z.object({ url: z.string() }) },
  /** A client's identity for a program of the cluster's owner; it has a key, and lies in no file but one of mode 0600. */
  issueClient: {
    path: '/v1/client/issue',
    request: z.strictObject({ name: clusterName }),
    answer: z.object({ identity: identitySchema }),
  },
  startKernel: {
    path: '/v1/kernel/start',
    request: z.strictObject({
      cwd: z.string(),
      python: z.string().optional(),
      /** Before `python`; without both, the cluster's. */
      environment: environmentSpec.optional(),
      /** Variables of the kernel's environment, beside ours. Not for secrets: they are in the cluster's journal. */
      variables: z.record(z.string(), z.string()).default({}),
      /** Whether `Client("tls://localhost:8786")`, as notebooks for coffea-casa have it, is the cluster in this kernel. */
      coffeaCasa: z.boolean().default(false),
      /** An absolute path or a URI. Asking again for the same gives its living kernel, whatever else is asked for. */
      notebook: z.string().min(1).optional(),
    }),
    answer: kernelSnapshot,
  },
  runNotebook: {
    path: '/v1/kernel/notebook',
    request: z.strictObject({
      kernel: z.string(),
      path: z.string(),
      save: z.string(),
      /** Set in a cell of their own, behind the one tagged `parameters`: docs/kernels.md. */
      parameters: z.record(z.string(), z.json()).default({}),
      /** Names the run: asking twice with the same is asking once. */
      id: z.string().min(1).optional(),
    }),
    answer: z.object({}),
  },
  interruptKernel: {
    path: '/v1/kernel/interrupt',
    request: z.strictObject({ kernel: z.string() }),
    answer: z.object({}),
  },
  /** A new process for the kernel, also where its host has ended; what ran or waited is given up. */
  restartKernel: {
    path: '/v1/kernel/restart',
    request: z.strictObject({ kernel: z.string() }),
    answer: z.object({}),
  },
  shutdownKernel: {
    path: '/v1/kernel/shutdown',
    request: z.strictObject({ kernel: z.string() }),
    answer: z.object({}),
  },
  /** What the sidebar asks. */
  listSites: { path: '/v1/site/list', request: z.strictObject({}), answer: z.array(gridSnapshot) },
  /**
   * Sends one short job; answers within a minute, also where the job still waits: `listSites` then has its verdict later. It
   * enters the `environment`, or that of the pools there.
   */
  probeSite: {
    path: '/v1/site/probe',
    request: z.strictObject({ grid: gridName, site: z.string().min(1), environment: environmentSpec.optional() }),
    answer: verdict,
  },
  /** Its data moves away and its job ends; the pool is one smaller. */
  drainWorker: { path: '/v1/worker/drain', request: z.strictObject({ worker: z.string() }), answer: z.object({}) },
  /** All of a pool that have not ended, and so many of those that were lost, the last ones. */
  listWorkers: {
    path: '/v1/worker/list',
    request: z.strictObject({ pool: z.string(), lost: z.int().min(0).default(0) }),
    answer: z.array(workerSnapshot),
  },
  /** The kernel is that notebook's from now on: it was renamed, or saved for the first time. */
  assignKernel: {
    path: '/v1/kernel/assign',
    request: z.strictObject({ kernel: z.string(), notebook: z.string().min(1) }),
    answer: z.object({}),
  },
  /**
   * What a worker's job has written since `offset`, as far as its grid tells; some tell nothing before the end. A grid may
   * give only the end of a long output, so `seen`, the last of what was given before, tells where that was.
   */
  workerLog: {
    path: '/v1/worker/log',
    request: z.strictObject({
      worker: z.string(),
      offset: z.int().min(0).default(0),
      seen: z.string().max(1000).default(''),
    }),
    /** `offset` is that of the next question; `final` when nothing will be added. */
    answer: z.object({ text: z.string(), offset: z.int(), final: z.boolean() }),
  },
  ...throughputCalls,
  /** Starts the cluster's Jupyter server where it does not run: docs/jupyter.md. */
  startJupyter: { path: '/v1/jupyter/start', request: z.strictObject({}), answer: jupyterAddress },
} as const;
/** The scheduler's address as every process of the cluster knows it. */
export const schedulerAddress = 'relay://scheduler:8786';
