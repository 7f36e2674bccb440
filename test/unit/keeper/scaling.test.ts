import assert from 'node:assert/strict';
import type { LifePhase } from '../../../src/keeper/api.js';
import type { FactOf } from '../../../src/keeper/fact.js';
import type { PoolWish } from '../../../src/keeper/ledger.js';
import { planScaling } from '../../../src/keeper/scaling.js';
import { Life } from '../../../src/keeper/worker/life.js';

const pool = (desired: number, wishedAt = 0): PoolWish => ({
  desired,
  wishedAt,
  spec: {
    name: 'main',
    grid: 'local',
    sites: ['north', 'south'],
    cores: 1,
    memoryMb: 0,
    walltimeSeconds: 3600,
    python: 'python3',
    resources: {},
  },
});

function life(name: string, site: string, ...phases: LifePhase[]): Life {
  const made = new Life(name, 'main', site);
  for (const [index, phase] of ['requested' as const, ...phases].entries()) {
    made.reach({ phase, at: 10 + index, evidence: `${name} ${phase}` });
  }
  return made;
}
const names = (lives: readonly Life[]): string[] => lives.map((one) => one.name);

describe('planScaling', () => {
  it('spreads new workers evenly, first to the site that has fewest', () => {
    const plan = planScaling(pool(4), [life('main-1', 'north', 'working')]);
    assert.deepEqual(Object.fromEntries(plan.submit), { south: 2, north: 1 });
  });

  it('asks for nothing when the pool is full, ended and leaving workers aside', () => {
    const lives = [
      life('main-1', 'north', 'working'),
      life('main-2', 'south', 'submitted'),
      life('main-3', 'south', 'working', 'ended'),
      life('main-4', 'south', 'working', 'draining'),
    ];
    const plan = planScaling(pool(2), lives);
    assert.equal(plan.submit.size + plan.drain.length + plan.cancel.length, 0);
  });

  it('replaces a worker that was lost', () => {
    const plan = planScaling(pool(2), [
      life('main-1', 'north', 'working'),
      life('main-2', 'south', 'working', 'ended'),
    ]);
    assert.deepEqual(Object.fromEntries(plan.submit), { south: 1 });
  });

  it('gives up waiting workers before working ones', () => {
    const lives = [
      life('main-1', 'north', 'working'),
      life('main-2', 'south', 'waiting'),
      life('main-3', 'north', 'working'),
    ];
    const plan = planScaling(pool(1), lives);
    assert.deepEqual(names(plan.cancel), ['main-2']);
    assert.deepEqual(names(plan.drain), ['main-3']);
  });

  it('drains where there are most', () => {
    const lives = [
      life('main-1', 'north', 'working'),
      life('main-2', 'south', 'working'),
      life('main-3', 'north', 'working'),
      life('main-4', 'north', 'working'),
    ];
    assert.deepEqual(names(planScaling(pool(2), lives).drain), ['main-4', 'main-3']);
  });

  it('asks a site at which starts fail for no more, and gives up what waits there', () => {
    const closed = { ...pool(3), stopped: [stopAt('north')] };
    const lives = [
      life('main-1', 'north', 'waiting'),
      life('main-2', 'north', 'starting'),
      life('main-3', 'south', 'waiting'),
    ];
    const plan = planScaling(closed, lives);
    assert.deepEqual(names(plan.cancel), ['main-1']);
    assert.deepEqual(Object.fromEntries(plan.submit), { south: 1 });
  });

  it('asks nobody when all of its sites are closed', () => {
    const closed = { ...pool(3), stopped: [stopAt('north'), stopAt('south')] };
    assert.equal(planScaling(closed, []).submit.size, 0);
  });
});

const stopAt = (site: string): FactOf<'stopped'> => ({
  ...{ is: 'stopped', at: 20, pool: 'main', site, workers: 0, wished: 8, failures: 3, why: 'no python3' },
});
