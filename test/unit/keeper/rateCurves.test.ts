import assert from 'node:assert/strict';
import type { Counts } from '../../../src/keeper/api.js';
import { others, type RateWish, rateCurves, type TotalCurves } from '../../../src/keeper/rateCurves.js';

/** Curves of names `w1`…, each with a total that is a function of the time. */
function curvesOf(times: readonly number[], totals: Record<string, (time: number) => number>): TotalCurves {
  const at = (index: number, name: string): Counts => {
    const events = totals[name]?.(times[index] ?? 0) ?? 0;
    return { events, bytes: 10 * events };
  };
  const names = Object.keys(totals);
  return {
    times,
    names,
    siteOf: (name) => `site of ${name}`,
    at,
    totalAt: (index) => ({
      events: names.reduce((sum, name) => sum + at(index, name).events, 0),
      bytes: names.reduce((sum, name) => sum + at(index, name).bytes, 0),
    }),
  };
}

const seconds = (from: number, to: number, step = 0.5): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
const wish = (changes: Partial<RateWish> = {}): RateWish => ({ by: 'worker', points: 300, ...changes });

describe('rateCurves', () => {
  it('gives what was processed a second, of events and of bytes', () => {
    const { times, series } = rateCurves(curvesOf(seconds(100, 130), { w1: (time) => 7 * (time - 100) }), wish());
    assert.equal(times.length, 31);
    assert.deepEqual([series[0]?.name, series[0]?.site], ['w1', 'site of w1']);
    assert.deepEqual(series[0]?.events.slice(5), Array(26).fill(7));
    assert.deepEqual(series[0]?.bytes.slice(5), Array(26).fill(70));
  });

  it('loses nothing of what comes in steps', () => {
    // A task of 1000 events ends now and then; the run is over some time before the end.
    const steps = (time: number): number => 1000 * Math.min(9, Math.floor((time - 100) / 7.3));
    const { times, series } = rateCurves(curvesOf(seconds(100, 200), { w1: steps }), wish());
    const sum = (series[0]?.events ?? []).reduce((all, rate) => all + rate, 0);
    assert.equal(times.length, 101);
    assert.ok(Math.abs(sum - 9000) < 1, `${sum}`);
  });

  it('stays within its points, on a grid that does not move as the run goes on', () => {
    const curve = (to: number) =>
      rateCurves(curvesOf(seconds(1000.3, to, 2), { w1: (time) => time }), wish({ points: 60 }));
    const [before, after] = [curve(2000.3), curve(2010.3)];
    assert.ok(before.times.length <= 60, `${before.times.length} points`);
    assert.deepEqual(after.times.slice(0, before.times.length - 1), before.times.slice(0, -1));
    assert.equal(after.times.at(-1), 2010.3);
  });

  it('shows the last seconds only, if wished', () => {
    const { times } = rateCurves(curvesOf(seconds(0, 1000), { w1: (time) => time }), wish({ sinceSeconds: 60 }));
    assert.equal(times[0], 940);
  });

  it('sums the least busy of very many, but for those that are wished', () => {
    const names = Array.from({ length: 100 }, (_, index) => `w${index + 1}`);
    const totals = Object.fromEntries(names.map((name, index) => [name, (time: number) => (index + 1) * time]));
    const { series } = rateCurves(curvesOf(seconds(0, 20), totals), wish({ include: ['w3'] }));
    assert.equal(series.length, 40);
    assert.deepEqual(
      series.map(({ name }) => name),
      ['w3', ...names.slice(62), others],
    );
    const sum = series.reduce((all, { events }) => all + (events[10] ?? 0), 0);
    assert.equal(Math.round(sum), 5050);
  });

  it('is empty before anything was seen', () => {
    assert.deepEqual(rateCurves(curvesOf([], { w1: () => 1 }), wish()), { times: [], series: [] });
  });

  it('is no rate yet at the first moment', () => {
    assert.deepEqual(rateCurves(curvesOf([100], { w1: () => 50 }), wish()).series[0]?.events, [0]);
  });
});
