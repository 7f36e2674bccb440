import assert from 'node:assert/strict';
import { type AdaptedSize, Adapting, sizesFor } from '../../../src/keeper/adapting.js';
import type { PoolWish } from '../../../src/keeper/ledger.js';
import { poolSpecOf } from './poolSpecs.js';

const adaptive = (name: string, minimum: number, maximum: number, rest: Partial<PoolWish> = {}): PoolWish => ({
  spec: poolSpecOf({ name }),
  desired: minimum,
  wishedAt: 0,
  adaptive: { minimum, maximum },
  ...rest,
});
const plain = (name: string, desired: number): PoolWish => ({ spec: poolSpecOf({ name }), desired, wishedAt: 0 });

describe('sizesFor', () => {
  const sizes = (target: number, ...pools: PoolWish[]): [string, number][] =>
    sizesFor(target, pools).map(({ pool, workers }) => [pool, workers]);

  it('gives what the scheduler has use for, between minimum and maximum', () => {
    assert.deepEqual(sizes(0, adaptive('main', 2, 10)), [['main', 2]]);
    assert.deepEqual(sizes(7, adaptive('main', 2, 10)), [['main', 7]]);
    assert.deepEqual(sizes(70, adaptive('main', 2, 10)), [['main', 10]]);
  });

  it('counts what pools of a fixed size give, and leaves those alone', () => {
    assert.deepEqual(sizes(7, plain('fixed', 4), adaptive('main', 1, 10)), [['main', 3]]);
    assert.deepEqual(sizes(2, plain('fixed', 4), adaptive('main', 1, 10)), [['main', 1]]);
  });

  it('fills pools in the order they were made, above the minimum of each', () => {
    assert.deepEqual(sizes(9, adaptive('a', 1, 5), adaptive('b', 2, 10)), [
      ['a', 5],
      ['b', 4],
    ]);
  });
});

describe('Adapting', () => {
  /** One pool `main` that gets what is decided, a look every 5 s of its own clock. */
  class Run {
    readonly adapting = new Adapting({ intervalSeconds: 5, waitCount: 3 });
    now = 1000;

    constructor(public pool: PoolWish) {}

    look(target: number | undefined, busy = true): number {
      this.now += 5;
      return this.apply(this.adapting.look(target, busy, [this.pool], this.now));
    }

    apply(sizes: readonly AdaptedSize[]): number {
      for (const { workers } of sizes) this.pool = { ...this.pool, desired: workers };
      return this.pool.desired;
    }
  }

  it('grows at once', () => {
    const run = new Run(adaptive('main', 1, 20));
    assert.equal(run.look(8), 8);
    assert.equal(run.look(11), 11);
  });

  it('shrinks after so many looks in a row that wished it, to the highest of them', () => {
    const run = new Run(adaptive('main', 1, 20, { desired: 10 }));
    assert.deepEqual([run.look(2), run.look(6), run.look(4)], [10, 10, 6]);
    assert.deepEqual([run.look(4), run.look(4)], [6, 4]);
  });

  it('begins to wait anew when it was large enough in between', () => {
    const run = new Run(adaptive('main', 1, 20, { desired: 10 }));
    assert.deepEqual(
      [run.look(2), run.look(2), run.look(10), run.look(2), run.look(2), run.look(2)],
      [10, 10, 10, 10, 10, 2],
    );
  });

  it('does nothing between two looks, nor while the scheduler says nothing', () => {
    const run = new Run(adaptive('main', 1, 20));
    assert.equal(run.look(undefined), 1);
    assert.equal(run.look(3), 3);
    assert.deepEqual(run.adapting.look(9, true, [run.pool], run.now + 4), []);
  });

  it('lets a pool rest that was drained, until something runs', () => {
    const drained = { workers: 4, minutes: 30, at: 900 };
    const run = new Run(adaptive('main', 2, 20, { desired: 0, drained }));
    assert.deepEqual([run.look(0, false), run.look(3, false), run.look(1, true)], [0, 0, 2]);
  });

  it('leaves pools of a fixed size as they are', () => {
    const run = new Run(plain('main', 4));
    assert.equal(run.look(9), 4);
  });
});
