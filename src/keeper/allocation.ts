import type { PoolSpec } from './api.js';

/** What of a pool decides how much of a site's time its jobs may take. */
export type Allocated = Pick<PoolSpec, 'cores' | 'walltimeSeconds'>;

/**
 * What so many workers of a pool take of their sites at most, to be said before it is asked for:
 * `8 jobs × 8 cores × 24 h = 1,536 core hours`.
 */
export function allocationOf({ cores, walltimeSeconds }: Allocated, workers: number): string {
  const hours = walltimeSeconds / 3600;
  const whole = workers * cores * hours;
  return `${plural(workers, 'job')} × ${plural(cores, 'core')} × ${number(hours)} h = ${plural(whole, 'core hour')}`;
}

function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Tenths only where there are few: nobody decides by a tenth of a thousand hours. */
function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
