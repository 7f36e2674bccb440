import type { PageRow } from '../../src/editor/protocol.js';
import { bytes, bytesPerSecond, duration, hertz, perCent, whole } from './numbers.js';

/** A column of the workers' table: what a cell says, and by what it is sorted. */
export interface Column {
  readonly id: string;
  readonly label: string;
  /** Share of the width, and whether its numbers stand to the right. */
  readonly width: number;
  readonly number?: true;
  say(row: PageRow, now: number): string;
  order(row: PageRow): number | string;
}

export const columns: readonly Column[] = [
  // The keeper sends them in this order; sorting by it again is nothing to do.
  { id: 'worker', label: 'Worker', width: 12, say: (row) => row.worker, order: () => 0 },
  { id: 'site', label: 'Site', width: 12, say: (row) => row.site, order: (row) => row.site },
  { id: 'pool', label: 'Pool', width: 8, say: (row) => row.pool, order: (row) => row.pool },
  { id: 'phase', label: 'Life', width: 9, say: (row) => row.phase, order: (row) => row.phase },
  {
    ...{ id: 'since', label: 'For', width: 10, number: true },
    say: (row, now) => duration(now - row.since),
    order: (row) => -row.since,
  },
  {
    ...{ id: 'events', label: 'Events/s', width: 9, number: true },
    say: (row) => (row.tasks === null ? '–' : hertz(row.eventsPerSecond)),
    order: (row) => row.eventsPerSecond,
  },
  {
    ...{ id: 'bytes', label: 'Read', width: 9, number: true },
    say: (row) => (row.tasks === null ? '–' : bytesPerSecond(row.bytesPerSecond)),
    order: (row) => row.bytesPerSecond,
  },
  {
    ...{ id: 'tasks', label: 'Tasks', width: 7, number: true },
    say: (row) => whole(row.tasks),
    order: (row) => row.tasks ?? -1,
  },
  {
    ...{ id: 'failed', label: 'Failed', width: 7, number: true },
    say: (row) => whole(row.failed),
    order: (row) => row.failed ?? -1,
  },
  {
    ...{ id: 'cpu', label: 'CPU', width: 7, number: true },
    say: (row) => perCent(row.cpu),
    order: (row) => row.cpu ?? -1,
  },
  {
    ...{ id: 'memory', label: 'Memory', width: 12, number: true },
    say: (row) => (row.memoryLimit ? `${bytes(row.memory)} of ${bytes(row.memoryLimit)}` : bytes(row.memory)),
    order: (row) => row.memory ?? -1,
  },
];
