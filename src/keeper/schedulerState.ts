import { z } from 'zod';
import { counts, sampleTotals } from './api.js';

/** Counts as the scheduler's plugin sums them (docs/architecture.md, "Scheduler's HTTP"). */
export const workerCounts = counts.extend({
  again: counts,
  samples: z.record(z.string(), sampleTotals),
});
export type WorkerCounts = z.infer<typeof workerCounts>;

/** The scheduler's snapshot, as `/sitespan/state` and `/sitespan/watch` give it. */
export const schedulerState = z.object({
  id: z.string(),
  time: z.number(),
  workers: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      nthreads: z.int(),
      memory: z.number(),
      memoryLimit: z.number(),
      cpu: z.number(),
      executing: z.int(),
      tasks: z.int(),
      failed: z.int(),
      counts: workerCounts,
    }),
  ),
  gone: workerCounts,
  tasks: z.object({ waiting: z.int(), processing: z.int(), memory: z.int(), erred: z.int() }),
  clients: z.int(),
  /** How many workers it has use for (distributed's `adaptive_target`); an older one does not say. */
  adaptiveTarget: z.int().optional(),
  /** How much the analysis that runs has to process, as it said at `time`, and what had been processed `before`. */
  expected: z
    .object({
      time: z.number(),
      files: z.int().nullable(),
      events: z.int().nullable(),
      before: z.object({ files: z.number(), events: z.number() }),
    })
    .nullish(),
});
export type SchedulerState = z.infer<typeof schedulerState>;
export type WorkerState = SchedulerState['workers'][number];
