import { z } from 'zod';

/**
 * What a keeper says of a run as it is looked at: curves, marks and totals that are bounded whatever the cluster's size, and
 * one row a worker. Part of src/keeper/api.ts; by itself, since pages and files of finished runs have it too.
 */

/** What is stacked: a curve a site, or a curve a worker. */
export const throughputBy = z.enum(['site', 'worker']);
export type ThroughputBy = z.infer<typeof throughputBy>;

export const mostViewPoints = 600;
/** More curves than these are one, `others`. */
export const mostViewSeries = 40;

/** As `z.array(z.number())`; a page has no time to look at tens of thousands of them one schema each, twice a second. */
const numbers = z.custom<number[]>((value) => Array.isArray(value) && value.every((one) => typeof one === 'number'));

/** Per second, at each of `times`; `site` is the name itself for a site's, and empty for `others`. */
export const rateCurve = z.object({
  name: z.string(),
  site: z.string(),
  events: numbers,
  bytes: numbers,
});
export type RateCurve = z.infer<typeof rateCurve>;

/** Something that happened to a worker: it came, was lost unasked, or was let go. `at` is Unix seconds. */
export const runMark = z.object({
  at: z.number(),
  kind: z.enum(['join', 'loss', 'drain']),
  worker: z.string(),
  site: z.string(),
});
export type RunMark = z.infer<typeof runMark>;

/** A notebook's cell that ran, or runs (`endedAt` null). */
export const runCell = z.object({
  at: z.number(),
  endedAt: z.number().nullable(),
  label: z.string(),
  kernel: z.string(),
  status: z.string(),
});
export type RunCell = z.infer<typeof runCell>;

export const runTotals = z.object({
  events: z.number(),
  bytes: z.number(),
  /** The part that had been done before. */
  again: z.object({ events: z.number(), bytes: z.number() }),
  eventsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  files: z.number(),
  /** Of the analysis that runs, where it said so (docs/throughput.md); else nobody knows, and it is null. */
  filesExpected: z.number().nullable(),
  filesLeft: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type RunTotals = z.infer<typeof runTotals>;

export const throughputView = z.object({
  by: throughputBy,
  /** Unix seconds, evenly spaced but for the last. */
  times: numbers,
  series: z.array(rateCurve),
  marks: z.array(runMark),
  cells: z.array(runCell),
  totals: runTotals,
});
export type ThroughputView = z.infer<typeof throughputView>;

export const workerRow = z.object({
  worker: z.string(),
  site: z.string(),
  pool: z.string(),
  /** Of its life (src/keeper/api.ts, `lifePhases`). */
  phase: z.string(),
  eventsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  /** These only of workers that the scheduler has now. */
  tasks: z.int().nullable(),
  failed: z.int().nullable(),
  /** Per cent of a core. */
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  /** 0 for none. */
  memoryLimit: z.number().nullable(),
  /** Since when it has been in this phase (Unix seconds). */
  since: z.number(),
});
export type WorkerRow = z.infer<typeof workerRow>;

export const workerRows = z.object({ rows: z.array(workerRow) });
export type WorkerRows = z.infer<typeof workerRows>;

export const throughputCalls = {
  throughputView: {
    path: '/v1/throughput/view',
    request: z.strictObject({
      by: throughputBy.default('site'),
      points: z.int().min(2).max(mostViewPoints).default(300),
      /** Only the last so many seconds; all of the run without it. */
      sinceSeconds: z.number().positive().optional(),
      /** Workers that are not summed into `others`, though they do little. */
      include: z.array(z.string()).max(10).default([]),
    }),
    answer: throughputView,
  },
  workerTable: { path: '/v1/worker/table', request: z.strictObject({}), answer: workerRows },
  /** Keeps the run so far as a file that outlives the cluster; one that ends is kept anyway. */
  exportRun: {
    path: '/v1/run/export',
    request: z.strictObject({}),
    answer: z.object({ id: z.string(), path: z.string() }),
  },
} as const;
