import type { z } from 'zod';
import type { Ledger } from './ledger.js';
import { rateCurves } from './rateCurves.js';
import { runMarks } from './runMarks.js';
import type { SchedulerState } from './schedulerState.js';
import type { Throughput } from './throughput.js';
import type { RunCell, RunTotals, ThroughputView, throughputCalls } from './throughputApi.js';

/** What is looked at. */
export interface RunParts {
  readonly ledger: Ledger;
  readonly throughput: Throughput;
  readonly scheduler: SchedulerState | undefined;
  /** Of all kernels, oldest first. */
  readonly cells: readonly RunCell[];
}

export type ViewWish = z.output<(typeof throughputCalls)['throughputView']['request']>;

const mostCells = 300;
/** Over how long the rate is taken that an end is foretold from. */
const forecastSeconds = 60;

/** A run as a page shows it: bounded, whatever its length and its number of workers. */
export function throughputView(parts: RunParts, wish: ViewWish): ThroughputView {
  const { ledger, throughput, scheduler, cells } = parts;
  return {
    by: wish.by,
    ...rateCurves(throughput.curves(wish.by), wish),
    marks: runMarks(ledger.lives, ledger.closing?.at),
    cells: cells.slice(-mostCells),
    totals: totalsOf(throughput, scheduler),
  };
}

function totalsOf(throughput: Throughput, scheduler: SchedulerState | undefined): RunTotals {
  const files = Object.values(throughput.samples).reduce((sum, sample) => sum + sample.files, 0);
  const totals = { ...throughput.total, ...throughput.rates(), files };
  const expected = scheduler?.expected;
  if (!expected) return { ...totals, filesExpected: null, filesLeft: null, etaSeconds: null };
  const done = { files: files - expected.before.files, events: totals.events - expected.before.events };
  const filesLeft = expected.files === null ? null : Math.max(0, expected.files - done.files);
  // Files are counted when they are begun: their events tell how far it is.
  const eventsLeft =
    expected.events !== null
      ? Math.max(0, expected.events - done.events)
      : filesLeft === null || done.files <= 0
        ? null
        : (filesLeft * done.events) / done.files;
  const elapsed = (scheduler?.time ?? 0) - expected.time;
  const { eventsPerSecond } = throughput.rates(undefined, Math.min(forecastSeconds, Math.max(1, elapsed)));
  return { ...totals, filesExpected: expected.files, filesLeft, etaSeconds: secondsLeft(eventsLeft, eventsPerSecond) };
}

/** Null where it cannot be told. */
function secondsLeft(events: number | null, perSecond: number): number | null {
  if (events === null) return null;
  if (events === 0) return 0;
  return perSecond > 0 ? events / perSecond : null;
}
