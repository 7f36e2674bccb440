import type { Counts } from './api.js';
import { mostViewSeries, type RateCurve, type ThroughputBy } from './throughputApi.js';

/** Running totals at the moments of a curve, by what they are stacked by. */
export interface TotalCurves {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly names: readonly string[];
  siteOf(name: string): string;
  /** What was processed by then; nothing where it had not come yet. */
  at(index: number, name: string): Counts;
  /** Of all names. */
  totalAt(index: number): Counts;
}

export interface RateWish {
  readonly by: ThroughputBy;
  readonly points: number;
  readonly sinceSeconds?: number | undefined;
  /** Never summed into `others`. */
  readonly include?: readonly string[];
  readonly mostSeries?: number;
}

/** A task's counts come all at once, when it succeeds: a shorter mean would be spikes. */
const meanSeconds = 4;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
export const others = 'others';

/**
 * Rates on an even grid of times, from running totals at uneven ones.
 *
 * Totals are interpolated, so nothing is lost between two points; and the grid's times are multiples of its step, so that
 * a curve that grows does not change where it was already drawn.
 */
export function rateCurves(curves: TotalCurves, wish: RateWish): { times: number[]; series: RateCurve[] } {
  const { first, last } = { first: curves.times[0], last: curves.times.at(-1) };
  if (first === undefined || last === undefined) return { times: [], series: [] };
  const begin = wish.sinceSeconds === undefined ? first : Math.max(first, last - wish.sinceSeconds);
  const step = steps.find((one) => (last - begin) / one <= wish.points - 2) ?? (last - begin) / (wish.points - 2);
  const times = gridOf(begin, last, step);
  const reader = new Reader(curves.times, times, Math.max(step, meanSeconds));

  const all = curves.names.map((name) => ({ name, done: progress(curves, name, begin) }));
  const chosen = new Set(mostBusy(all, wish.mostSeries ?? mostViewSeries, wish.include ?? []));
  const series: RateCurve[] = curves.names
    .filter((name) => chosen.has(name))
    .sort(byName)
    .map((name) => ({ name, site: curves.siteOf(name), ...reader.rates((index) => curves.at(index, name)) }));
  if (chosen.size < all.length) {
    const total = reader.rates((index) => curves.totalAt(index));
    series.push({
      name: others,
      site: '',
      events: less(total.events, series, 'events'),
      bytes: less(total.bytes, series, 'bytes'),
    });
  }
  return { times, series };
}

/** Of names with digits in them, 9 comes before 10. */
export function byName(a: string, b: string): number {
  return collator.compare(a, b);
}
const collator = new Intl.Collator('en', { numeric: true });

/** Multiples of the step from the first one at or after `begin`, then the newest moment itself. */
function gridOf(begin: number, last: number, step: number): number[] {
  const times: number[] = [];
  for (let k = Math.ceil(begin / step); k * step < last; k++) times.push(k * step);
  return [...times, last];
}

function mostBusy(
  all: readonly { readonly name: string; readonly done: number }[],
  most: number,
  include: readonly string[],
): string[] {
  if (all.length <= most) return all.map(({ name }) => name);
  const wanted = all.filter(({ name }) => include.includes(name)).slice(0, most - 1);
  const rest = all.filter(({ name }) => !include.includes(name)).toSorted((a, b) => b.done - a.done);
  return [...wanted, ...rest.slice(0, most - 1 - wanted.length)].map(({ name }) => name);
}

/** Bytes decide where nobody counts events. */
function progress(curves: TotalCurves, name: string, begin: number): number {
  const last = curves.at(curves.times.length - 1, name);
  const index = curves.times.findLastIndex((time) => time <= begin);
  const before = index === -1 ? { events: 0, bytes: 0 } : curves.at(index, name);
  return (last.events - before.events) * 1e6 + (last.bytes - before.bytes);
}

function less(total: readonly number[], series: readonly RateCurve[], what: 'events' | 'bytes'): number[] {
  return total.map((rate, index) =>
    Math.max(0, rounded(series.reduce((left, one) => left - (one[what][index] ?? 0), rate))),
  );
}

/** Reads totals between the points they were taken at. */
class Reader {
  private readonly ends: readonly Place[];
  private readonly begins: readonly Place[];

  constructor(
    times: readonly number[],
    grid: readonly number[],
    private readonly seconds: number,
  ) {
    this.ends = placesOf(times, grid);
    this.begins = placesOf(
      times,
      grid.map((time) => time - seconds),
    );
  }

  rates(totalAt: (index: number) => Counts): { events: number[]; bytes: number[] } {
    const totals = new Map<number, Counts>();
    const at = (index: number): Counts => {
      const known = totals.get(index) ?? totalAt(index);
      totals.set(index, known);
      return known;
    };
    const events: number[] = [];
    const bytes: number[] = [];
    for (const [index, end] of this.ends.entries()) {
      const begin = this.begins[index] ?? end;
      events.push(rounded((between(end, at, 'events') - between(begin, at, 'events')) / this.seconds));
      bytes.push(rounded((between(end, at, 'bytes') - between(begin, at, 'bytes')) / this.seconds));
    }
    return { events, bytes };
  }
}

/** A moment between two points: `share` of the way from `before` to `after`. */
interface Place {
  readonly before: number;
  readonly after: number;
  readonly share: number;
}

function placesOf(times: readonly number[], moments: readonly number[]): Place[] {
  let index = 0;
  return moments.map((moment) => {
    while (index < times.length - 1 && (times[index + 1] ?? 0) <= moment) index++;
    const [from, to] = [times[index] ?? moment, times[index + 1]];
    if (to === undefined || moment <= from) return { before: index, after: index, share: 0 };
    return { before: index, after: index + 1, share: (moment - from) / (to - from) };
  });
}

function between({ before, after, share }: Place, at: (index: number) => Counts, what: keyof Counts): number {
  const from = at(before)[what];
  return share === 0 ? from : from + (at(after)[what] - from) * share;
}

/** A tenth of an event is nothing anybody sees, and long numbers are long messages. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
