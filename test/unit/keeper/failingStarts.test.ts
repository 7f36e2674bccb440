import assert from 'node:assert/strict';
import type { LifePhase } from '../../../src/keeper/api.js';
import { failingStarts, sayStopped } from '../../../src/keeper/failingStarts.js';
import { Ledger, type PoolWish } from '../../../src/keeper/ledger.js';
import { Life } from '../../../src/keeper/worker/life.js';
import { poolSpecOf } from './poolSpecs.js';

const pool = (desired: number, wishedAt = 0): PoolWish => ({ desired, wishedAt, spec: poolSpecOf() });

let number = 0;
function life(site: string, phases: readonly LifePhase[], why = ''): Life {
  const made = new Life(`main-${++number}`, 'main', site);
  for (const [index, phase] of ['requested' as const, ...phases].entries()) {
    made.reach({ phase, at: 10 + index, evidence: phase === 'ended' ? why : phase });
  }
  return made;
}
const many = (count: number, make: (n: number) => Life): Life[] => Array.from({ length: count }, (_, n) => make(n));
const failed = (site: string, why: string): Life => life(site, ['submitted', 'starting', 'ended'], why);

describe('failingStarts', () => {
  it('closes a site after three starts that failed alike, and leaves the pool what works or has started', () => {
    const lives = [
      ...many(3, (n) => failed('north', `node${n}: there is no python3`)),
      ...many(4, () => life('north', ['waiting'])),
      life('north', ['starting']),
      life('south', ['working']),
      life('south', ['waiting']),
    ];
    assert.deepEqual(failingStarts(pool(10), lives), [
      { pool: 'main', site: 'north', workers: 3, wished: 10, failures: 3, why: 'node2: there is no python3' },
    ]);
  });

  it('takes one that works for a sign that the site is good', () => {
    const lives = [...many(5, () => failed('north', 'no python3')), life('north', ['working'])];
    assert.deepEqual(failingStarts(pool(6), lives), []);
  });

  it('is more patient where each fails for another reason', () => {
    const mixed = (count: number) =>
      many(count, (n) => failed('north', ['no python3', 'no route', 'no disk'][n % 3] ?? ''));
    assert.deepEqual(failingStarts(pool(9), mixed(5)), []);
    assert.equal(failingStarts(pool(9), mixed(6))[0]?.failures, 6);
  });

  it('counts neither what was let go nor what was before the pool was scaled', () => {
    const gone = many(3, () => life('north', ['waiting', 'draining', 'ended'], 'scaled to 0'));
    assert.deepEqual(failingStarts(pool(3), gone), []);
    const old = many(3, () => failed('north', 'no python3'));
    assert.deepEqual(failingStarts(pool(3, 100), old), []);
  });

  it('follows with what had started when the site was closed and failed since', () => {
    const three = many(3, () => failed('north', 'no python3'));
    const before: PoolWish = {
      ...pool(1),
      stopped: [
        { is: 'stopped', at: 20, pool: 'main', site: 'north', workers: 1, wished: 4, failures: 3, why: 'no python3' },
      ],
    };
    assert.deepEqual(failingStarts(before, [...three, life('north', ['starting'])]), []);
    const [again] = failingStarts(before, [...three, failed('north', 'killed')]);
    assert.deepEqual([again?.workers, again?.why], [0, 'no python3']);
  });

  it('is said once for a reason, until the pool is scaled again', () => {
    const ledger = new Ledger();
    ledger.apply({ is: 'pool', at: 1, pool: poolSpecOf() });
    ledger.apply({ is: 'scale', at: 2, pool: 'main', workers: 8 });
    for (const site of ['north', 'south']) {
      ledger.apply({ is: 'stopped', at: 3, pool: 'main', site, workers: 0, wished: 8, failures: 3, why: 'no python3' });
    }
    const said = (): string[] => ledger.pools.flatMap((wish) => sayStopped('ttbar', wish));
    assert.deepEqual(said(), [
      'Pool main lost 6 workers at north and south before they worked, and asks for no more there until it is scaled again ("sitespan scale ttbar main 8"): no python3',
    ]);
    assert.equal(ledger.pool('main')?.desired, 0);
    ledger.apply({ is: 'scale', at: 4, pool: 'main', workers: 8 });
    assert.deepEqual([said(), ledger.pool('main')?.desired], [[], 8]);
  });
});
