import assert from 'node:assert/strict';
import type { CurvePoint } from '../../../src/keeper/curveFile.js';
import type { SchedulerState, WorkerCounts } from '../../../src/keeper/schedulerState.js';
import { Throughput } from '../../../src/keeper/throughput.js';

const none: WorkerCounts = { events: 0, bytes: 0, again: { events: 0, bytes: 0 }, samples: {} };

function state(time: number, events: Record<string, number>, gone: WorkerCounts = none): SchedulerState {
  return {
    id: 'Scheduler-1',
    time,
    workers: Object.entries(events).map(([name, n]) => ({
      name,
      address: `relay://${name}:1`,
      nthreads: 1,
      memory: 0,
      memoryLimit: 0,
      cpu: 0,
      executing: 0,
      tasks: 0,
      failed: 0,
      counts: {
        events: n,
        bytes: 10 * n,
        again: { events: 1, bytes: 10 },
        samples: { ttbar: { events: n, bytes: 10 * n, files: 1, seconds: 2 } },
      },
    })),
    gone,
    tasks: { waiting: 0, processing: 0, memory: 0, erred: 0 },
    clients: 0,
  };
}

describe('Throughput', () => {
  const siteOf = (worker: string): string => (worker.startsWith('n') ? 'north' : 'south');

  it('sums by worker, site and sample, with what was done twice apart', () => {
    const t = new Throughput(siteOf);
    t.take(state(100, { n1: 30, n2: 10, s1: 5 }));
    assert.deepEqual(t.total, { events: 45, bytes: 450, again: { events: 3, bytes: 30 } });
    assert.deepEqual(Object.fromEntries(t.bySite()), {
      north: { events: 40, bytes: 400 },
      south: { events: 5, bytes: 50 },
    });
    assert.deepEqual(t.samples, { ttbar: { events: 45, bytes: 450, files: 3, seconds: 6 } });
  });

  it('keeps what a worker did after it has left', () => {
    const t = new Throughput(siteOf);
    t.take(state(100, { n1: 30, s1: 5 }));
    t.take(state(101, { s1: 6 }, { ...none, events: 30, bytes: 300 }));
    assert.equal(t.total.events, 36);
    assert.deepEqual(t.bySite().get('north'), { events: 30, bytes: 300 });
  });

  it('gives rates from the last few seconds, by site too', () => {
    const t = new Throughput(siteOf);
    for (let second = 0; second <= 20; second++)
      t.take(state(second, { n1: second < 10 ? 0 : (second - 10) * 100, s1: 7 }));
    assert.deepEqual(t.rates(), { eventsPerSecond: 100, bytesPerSecond: 1000 });
    assert.equal(t.rates('north').eventsPerSecond, 100);
    assert.equal(t.rates('south').eventsPerSecond, 0);
  });

  it('stays bounded over a long run, with its start and its newest moment', () => {
    const t = new Throughput(siteOf, 100);
    for (let second = 0; second < 5000; second++) t.take(state(second, { n1: second }));
    const { times, workers } = t.series();
    assert.ok(times.length <= 101, `${times.length} points`);
    assert.equal(times[0], 0);
    assert.equal(times.at(-1), 4999);
    assert.equal(workers['n1']?.totals.length, times.length);
    assert.deepEqual(workers['n1']?.totals.at(-1), [4999, 49_990]);
  });

  it('says nothing of a worker before it came', () => {
    const t = new Throughput(siteOf);
    t.take(state(0, { n1: 1 }));
    t.take(state(1, { n1: 2, s1: 3 }));
    assert.deepEqual(t.series().workers['s1'], { site: 'south', totals: [null, [3, 30]] });
  });

  it('goes on where a keeper was killed, but for the newest moment', () => {
    const kept: CurvePoint[] = [];
    const keeping = {
      add: (point: CurvePoint) => kept.push(point),
      replace: () => assert.fail('it is short'),
    };
    const first = new Throughput(siteOf);
    first.resume({ points: [], spacingSeconds: undefined }, keeping);
    for (let second = 0; second <= 10; second++) first.take(state(second, { n1: second, s1: 1 }));
    const next = new Throughput(siteOf);
    next.resume({ points: [...kept], spacingSeconds: undefined }, keeping);
    next.take(state(20, { n1: 20 }));
    assert.deepEqual(next.series().times, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20]);
    assert.deepEqual(next.series().workers['s1']?.totals.at(-1), [1, 10]);
    assert.equal(next.bySite().get('south')?.events, 1);
  });

  it('keeps the thinner curve when it has become too long', () => {
    let kept: readonly CurvePoint[] = [];
    let spacing = 0;
    const t = new Throughput(siteOf, 100);
    const keeping = {
      add: (point: CurvePoint) => {
        kept = [...kept, point];
      },
      replace: (points: readonly CurvePoint[], spacingSeconds: number) => {
        kept = points;
        spacing = spacingSeconds;
      },
    };
    t.resume({ points: [], spacingSeconds: undefined }, keeping);
    for (let second = 0; second < 1000; second++) t.take(state(second, { n1: second }));
    assert.ok(kept.length <= 101, `${kept.length} points`);
    assert.deepEqual(
      kept.map(({ time }) => time),
      t.series().times.slice(0, -1),
    );
    assert.ok(spacing >= 4);
  });
});
