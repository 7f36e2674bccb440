import type { Ledger } from './ledger.js';
import { byName } from './rateCurves.js';
import type { SchedulerState, WorkerState } from './schedulerState.js';
import type { Rates, Throughput } from './throughput.js';
import type { WorkerRow } from './throughputApi.js';
import type { Life } from './worker/life.js';

/** Of those that have ended, so many of the newest. */
const mostEnded = 500;
const still: Rates = { eventsPerSecond: 0, bytesPerSecond: 0 };
const unseen = { tasks: null, failed: null, cpu: null, memory: null, memoryLimit: null };

export interface TableParts {
  readonly ledger: Ledger;
  readonly scheduler: SchedulerState | undefined;
  readonly throughput: Throughput;
}

/** One row a worker, with what its life, the scheduler and the curve say of it. */
export function workerTable({ ledger, scheduler, throughput }: TableParts): WorkerRow[] {
  const seen = new Map(scheduler?.workers.map((worker) => [worker.name, worker]));
  const rates = throughput.ratesByWorker();
  return shown(ledger.lives).map((life) => {
    const worker = life.ended ? undefined : seen.get(life.subject);
    const { name, site, pool, phase, since } = life;
    const rate = worker === undefined ? still : (rates.get(life.subject) ?? still);
    return { worker: name, site, pool, phase, ...rate, ...(worker === undefined ? unseen : stateOf(worker)), since };
  });
}

function shown(lives: readonly Life[]): Life[] {
  const ended = lives.filter((life) => life.ended).toSorted((a, b) => b.since - a.since);
  return [...lives.filter((life) => !life.ended), ...ended.slice(0, mostEnded)].sort((a, b) => byName(a.name, b.name));
}

function stateOf({ tasks, failed, cpu, memory, memoryLimit }: WorkerState) {
  return { tasks, failed, cpu, memory, memoryLimit };
}
