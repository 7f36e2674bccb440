import type { Counts, SampleTotals, ThroughputSeries } from './api.js';
import type { Curve, CurvePoint } from './curveFile.js';
import type { TotalCurves } from './rateCurves.js';
import type { SchedulerState, WorkerCounts } from './schedulerState.js';
import type { ThroughputBy } from './throughputApi.js';

/** Events and bytes a second, over the last few seconds. */
export interface Rates {
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Where a curve is kept: src/keeper/curveFile.ts. */
export interface CurveKeeping {
  add(point: CurvePoint): void;
  replace(points: readonly CurvePoint[], spacingSeconds: number): void;
}

/**
 * What the workers have processed, over time: bounded however long the run.
 *
 * When there are more points than `maxPoints`, every second one is dropped and points are taken half as often, so the
 * whole run stays in view and the newest moment is always there.
 */
export class Throughput {
  private points: CurvePoint[] = [];
  /** The newest point, which may still move. */
  private unsaved: CurvePoint | undefined;
  private keeping: CurveKeeping | undefined;
  private spacingSeconds: number;
  private readonly sites = new Map<string, string>();
  private readonly totals = new Map<string, Counts>();
  private latest: SchedulerState | undefined;
  /** A point's sums by site, made once: with very many workers they are dear. */
  private readonly siteSums = new WeakMap<CurvePoint, ReadonlyMap<string, Counts>>();

  /**
   * @param siteOf the site of a worker by its name
   * @param spacingSeconds least time between two points at first
   * @param rateSeconds over how long a rate is taken
   */
  constructor(
    private readonly siteOf: (worker: string) => string,
    private readonly maxPoints = 1200,
    spacingSeconds = 0.5,
    private readonly rateSeconds = 4,
  ) {
    this.spacingSeconds = spacingSeconds;
  }

  /** Goes on where an earlier keeper was killed, and keeps what comes. */
  resume({ points, spacingSeconds }: Curve, keeping: CurveKeeping): void {
    this.keeping = keeping;
    this.points = [...points];
    this.spacingSeconds = spacingSeconds ?? this.spacingSeconds;
    for (const [name, counts] of points.at(-1)?.workers ?? []) {
      this.sites.set(name, this.siteOf(name));
      this.totals.set(name, counts);
    }
  }

  take(state: SchedulerState): void {
    this.latest = state;
    for (const worker of state.workers) {
      this.sites.set(worker.name, this.siteOf(worker.name));
      this.totals.set(worker.name, { events: worker.counts.events, bytes: worker.counts.bytes });
    }
    const last = this.points.at(-1);
    const before = this.points.at(-2);
    const point = { time: state.time, workers: new Map(this.totals) };
    // The last point moves along until it is far enough from the one before it.
    if (last !== undefined && before !== undefined && last.time - before.time < this.spacingSeconds) {
      this.points[this.points.length - 1] = point;
    } else {
      this.points.push(point);
      if (this.unsaved !== undefined) this.keeping?.add(this.unsaved);
    }
    this.unsaved = point;
    if (this.points.length > this.maxPoints) {
      this.points = this.points.filter((_, index) => index % 2 === 0 || index === this.points.length - 1);
      this.spacingSeconds *= 2;
      this.keeping?.replace(this.points.slice(0, -1), this.spacingSeconds);
    }
  }

  /** All that was processed so far, those included that have left. */
  get total(): Counts & { readonly again: Counts } {
    const parts = this.parts;
    return { ...sum(parts), again: sum(parts.map((part) => part.again)) };
  }

  /** The same as the curve has it, which a keeper knows that has not heard of the scheduler yet. */
  get curveTotal(): Counts {
    const newest = this.points.at(-1);
    return newest === undefined ? nothing : this.at(newest, undefined);
  }

  get samples(): Record<string, SampleTotals> {
    const all: Record<string, SampleTotals> = {};
    for (const part of this.parts) {
      for (const [name, more] of Object.entries(part.samples)) {
        const so = all[name] ?? { events: 0, bytes: 0, files: 0, seconds: 0 };
        all[name] = {
          events: so.events + more.events,
          bytes: so.bytes + more.bytes,
          files: so.files + more.files,
          seconds: so.seconds + more.seconds,
        };
      }
    }
    return all;
  }

  /** Totals by site; workers that have left still count for theirs. */
  bySite(): Map<string, Counts> {
    const sites = new Map<string, Counts>();
    for (const [worker, counts] of this.totals) {
      const site = this.sites.get(worker) ?? this.siteOf(worker);
      sites.set(site, sum([sites.get(site) ?? { events: 0, bytes: 0 }, counts]));
    }
    return sites;
  }

  /** @param site only this one's, or all @param seconds over how long */
  rates(site?: string, seconds = this.rateSeconds): Rates {
    const [oldest, newest] = this.lately(seconds);
    if (oldest === undefined || newest === undefined) return { eventsPerSecond: 0, bytesPerSecond: 0 };
    return rateBetween(this.at(oldest, site), this.at(newest, site), newest.time - oldest.time);
  }

  ratesByWorker(): Map<string, Rates> {
    const [oldest, newest] = this.lately(this.rateSeconds);
    if (oldest === undefined || newest === undefined) return new Map();
    return new Map(
      [...newest.workers].map(([name, now]) => [
        name,
        rateBetween(oldest.workers.get(name) ?? nothing, now, newest.time - oldest.time),
      ]),
    );
  }

  /** The running totals of the whole run, by site or by worker. */
  curves(by: ThroughputBy): TotalCurves {
    const { points } = this;
    const totalAt = (index: number): Counts => sum([...this.sitesAt(points[index]).values()]);
    const times = points.map((point) => point.time);
    if (by === 'site') {
      const at = (index: number, name: string): Counts => this.sitesAt(points[index]).get(name) ?? nothing;
      return { times, names: [...new Set(this.sites.values())], siteOf: (name) => name, at, totalAt };
    }
    const at = (index: number, name: string): Counts => points[index]?.workers.get(name) ?? nothing;
    return { times, names: [...this.sites.keys()], siteOf: (name) => this.sites.get(name) ?? '?', at, totalAt };
  }

  series(): ThroughputSeries {
    const workers: ThroughputSeries['workers'] = {};
    for (const [name, site] of this.sites) {
      workers[name] = {
        site,
        totals: this.points.map((point) => {
          const counts = point.workers.get(name);
          return counts === undefined ? null : [counts.events, counts.bytes];
        }),
      };
    }
    return { times: this.points.map((point) => point.time), workers };
  }

  private get parts(): WorkerCounts[] {
    return this.latest === undefined ? [] : [...this.latest.workers.map((worker) => worker.counts), this.latest.gone];
  }

  /** The newest point, and the one that a rate over so many seconds is taken from. */
  private lately(seconds: number): readonly [CurvePoint | undefined, CurvePoint | undefined] {
    const newest = this.points.at(-1);
    if (newest === undefined) return [undefined, undefined];
    return [this.points.findLast((point) => point.time <= newest.time - seconds) ?? this.points[0], newest];
  }

  private at(point: CurvePoint, site: string | undefined): Counts {
    const sites = this.sitesAt(point);
    return site === undefined ? sum([...sites.values()]) : (sites.get(site) ?? nothing);
  }

  private sitesAt(point: CurvePoint | undefined): ReadonlyMap<string, Counts> {
    if (point === undefined) return new Map();
    const known = this.siteSums.get(point);
    if (known !== undefined) return known;
    const sums = new Map<string, { events: number; bytes: number }>();
    for (const [worker, counts] of point.workers) {
      const site = this.sites.get(worker) ?? '?';
      const so = sums.get(site) ?? { events: 0, bytes: 0 };
      so.events += counts.events;
      so.bytes += counts.bytes;
      sums.set(site, so);
    }
    this.siteSums.set(point, sums);
    return sums;
  }
}

const nothing: Counts = { events: 0, bytes: 0 };

function rateBetween(then: Counts, now: Counts, seconds: number): Rates {
  if (seconds <= 0) return { eventsPerSecond: 0, bytesPerSecond: 0 };
  return {
    eventsPerSecond: (now.events - then.events) / seconds,
    bytesPerSecond: (now.bytes - then.bytes) / seconds,
  };
}

function sum(all: readonly Counts[]): Counts {
  let [events, bytes] = [0, 0];
  for (const one of all) {
    events += one.events;
    bytes += one.bytes;
  }
  return { events, bytes };
}
