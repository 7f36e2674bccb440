import assert from 'node:assert/strict';
import type { LifePhase } from '../../../src/keeper/api.js';
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

  it('stops asking when workers do not survive their start, and says why the last one ended', () => {
    const lives = [1, 2, 3].map((n) => life(`main-${n}`, 'north', 'submitted', 'ended'));
    const plan = planScaling(pool(1), lives);
    assert.equal(plan.submit.size, 0);
    assert.match(plan.stopped ?? '', /main lost 3 workers before they worked.*main-3 ended/);
  });

  it('asks again after the pool was scaled anew', () => {
    const lives = [1, 2, 3].map((n) => life(`main-${n}`, 'north', 'submitted', 'ended'));
    assert.deepEqual(Object.fromEntries(planScaling(pool(1, 100), lives).submit), { north: 1 });
  });
});
