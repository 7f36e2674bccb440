import type { Counts, SampleTotals, ThroughputSeries } from './api.js';
import type { Curve, CurvePoint } from './curveFile.js';
import type { SchedulerState, WorkerCounts } from './schedulerState.js';

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

  /** @param site only this one's, or all */
  rates(site?: string): Rates {
    const newest = this.points.at(-1);
    if (newest === undefined) return { eventsPerSecond: 0, bytesPerSecond: 0 };
    const oldest =
      this.points.findLast((point) => point.time <= newest.time - this.rateSeconds) ?? this.points[0] ?? newest;
    const seconds = newest.time - oldest.time;
    if (seconds <= 0) return { eventsPerSecond: 0, bytesPerSecond: 0 };
    const [now, then] = [this.at(newest, site), this.at(oldest, site)];
    return {
      eventsPerSecond: (now.events - then.events) / seconds,
      bytesPerSecond: (now.bytes - then.bytes) / seconds,
    };
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

  private at(point: CurvePoint, site: string | undefined): Counts {
    return sum(
      [...point.workers]
        .filter(([worker]) => site === undefined || this.sites.get(worker) === site)
        .map(([, counts]) => counts),
    );
  }
}

function sum(all: readonly Counts[]): Counts {
  let [events, bytes] = [0, 0];
  for (const one of all) {
    events += one.events;
    bytes += one.bytes;
  }
  return { events, bytes };
}
