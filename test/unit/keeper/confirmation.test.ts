import assert from 'node:assert/strict';
import { checkSize } from '../../../src/keeper/confirmation.js';
import type { PoolWish } from '../../../src/keeper/ledger.js';
import { poolSpecOf } from './poolSpecs.js';

const most = 50;

describe('checkSize', () => {
  const poolOf = (name: string, desired: number, rest: Partial<PoolWish> = {}): PoolWish => ({
    spec: poolSpecOf({ name, cores: 8, walltimeSeconds: 86_400 }),
    desired,
    wishedAt: 0,
    ...rest,
  });
  const ask = (pool: PoolWish, workers: number, others: PoolWish[] = [], confirmed = false): void =>
    checkSize({ pool, workers, confirmed }, [pool, ...others], most);

  it('lets as many through as the cluster may have without a word', () => {
    ask(poolOf('main', 0), 50);
    ask(poolOf('main', 0), 30, [poolOf('gpu', 20)]);
  });

  it('holds up more, and says what they would take of which sites', () => {
    assert.throws(() => ask(poolOf('main', 43), 51), {
      code: 'confirmation-needed',
      message:
        'Pool main with 51 workers would give the cluster 51, and more than 50 are asked for only when that is confirmed: this is 8 jobs × 8 cores × 24 h = 1,536 core hours at north, south.',
    });
  });

  it('counts all pools of the cluster, an adaptive one with its maximum', () => {
    assert.throws(() => ask(poolOf('main', 0), 31, [poolOf('gpu', 20)]), { code: 'confirmation-needed' });
    const adaptive = poolOf('gpu', 1, { adaptive: { minimum: 0, maximum: 49 } });
    assert.throws(() => ask(poolOf('main', 0), 2, [adaptive]), { code: 'confirmation-needed' });
  });

  it('lets all through that was confirmed', () => {
    ask(poolOf('main', 0), 5000, [], true);
  });

  it('never holds up who asks for fewer, or for as many as there were', () => {
    ask(poolOf('main', 80), 79);
    ask(poolOf('main', 80), 80);
    ask(poolOf('main', 10, { adaptive: { minimum: 0, maximum: 80 } }), 70);
  });
});
