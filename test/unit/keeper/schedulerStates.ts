import type { SchedulerState, WorkerCounts, WorkerState } from '../../../src/keeper/schedulerState.js';

export const noCounts: WorkerCounts = { events: 0, bytes: 0, again: { events: 0, bytes: 0 }, samples: {} };

/** A scheduler's snapshot at a time, with workers that have processed so many events (ten bytes each), a file each. */
export function schedulerStateOf(
  time: number,
  events: Readonly<Record<string, number>>,
  changes: Partial<SchedulerState> = {},
  worker: Partial<WorkerState> = {},
): SchedulerState {
  return {
    id: 'Scheduler-1',
    time,
    workers: Object.entries(events).map(([name, n]) => ({
      name,
      address: `relay://${name}:1`,
      nthreads: 1,
      memory: 100,
      memoryLimit: 1000,
      cpu: 50,
      executing: 1,
      tasks: 3,
      failed: 1,
      counts: {
        events: n,
        bytes: 10 * n,
        again: { events: 0, bytes: 0 },
        samples: { ttbar: { events: n, bytes: 10 * n, files: 1, seconds: 2 } },
      },
      ...worker,
    })),
    gone: noCounts,
    tasks: { waiting: 0, processing: 0, memory: 0, erred: 0 },
    clients: 0,
    ...changes,
  };
}
