import assert from 'node:assert/strict';
import type { LifePhase } from '../../../src/keeper/api.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { Throughput } from '../../../src/keeper/throughput.js';
import { workerRows } from '../../../src/keeper/throughputApi.js';
import { throughputView } from '../../../src/keeper/throughputView.js';
import { workerTable } from '../../../src/keeper/workerTable.js';
import { poolSpecOf } from './poolSpecs.js';
import { schedulerStateOf } from './schedulerStates.js';

/** A ledger whose pool `main` has lives `main-1`… of these phases, all at north. */
function ledgerOf(phases: readonly LifePhase[]): Ledger {
  const ledger = new Ledger();
  const lives = phases.map((_, index) => `main-${index + 1}`);
  ledger.apply({ is: 'pool', at: 1, pool: poolSpecOf() });
  ledger.apply({ is: 'intent', at: 3, mark: 'm1', pool: 'main', site: 'north', lives, token: 't', expires: 9 });
  for (const [index, phase] of phases.entries())
    ledger.apply({ is: 'life', at: 10 + index, life: `main-${index + 1}`, phase, evidence: '' });
  return ledger;
}

describe('workerTable', () => {
  it('has a row for each life, with what the scheduler says where it has it', () => {
    const ledger = ledgerOf(['working', 'waiting']);
    const throughput = new Throughput(() => 'north');
    throughput.take(schedulerStateOf(100, { 'main-1': 0 }));
    const scheduler = schedulerStateOf(105, { 'main-1': 500 });
    throughput.take(scheduler);
    const rows = workerTable({ ledger, scheduler, throughput });
    assert.deepEqual(workerRows.parse({ rows }).rows, rows);
    assert.deepEqual(rows, [
      {
        ...{ worker: 'main-1', site: 'north', pool: 'main', phase: 'working', since: 10 },
        ...{ eventsPerSecond: 100, bytesPerSecond: 1000, tasks: 3, failed: 1, cpu: 50, memory: 100, memoryLimit: 1000 },
      },
      {
        ...{ worker: 'main-2', site: 'north', pool: 'main', phase: 'waiting', since: 11, eventsPerSecond: 0 },
        ...{ bytesPerSecond: 0, tasks: null, failed: null, cpu: null, memory: null, memoryLimit: null },
      },
    ]);
  });

  it('finds a worker whose job has started again under its second name', () => {
    const ledger = ledgerOf(['enrolled']);
    ledger.apply({ is: 'enrolled', at: 20, life: 'main-1', subject: 'main-1_2', evidence: '', warnings: [] });
    const scheduler = schedulerStateOf(100, { 'main-1_2': 5 });
    assert.equal(workerTable({ ledger, scheduler, throughput: new Throughput(() => 'north') })[0]?.tasks, 3);
  });

  it('shows the newest of very many that have ended, in the order of their numbers', () => {
    const ledger = ledgerOf([...Array<LifePhase>(600).fill('ended'), 'working']);
    const rows = workerTable({ ledger, scheduler: undefined, throughput: new Throughput(() => 'north') });
    assert.equal(rows.length, 501);
    assert.deepEqual([rows[0]?.worker, rows.at(-1)?.worker], ['main-101', 'main-601']);
  });

  it('is made, with the view, for 1,000 workers and a whole curve in a part of the half second it is asked in', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `main-${index + 1}`);
    const ledger = ledgerOf(names.map(() => 'working'));
    const throughput = new Throughput((name) => `site-${name.length}`);
    const stateAt = (time: number) =>
      schedulerStateOf(time, Object.fromEntries(names.map((name, n) => [name, n * time])));
    let scheduler = stateAt(0);
    for (let time = 0; time < 600; time++) {
      scheduler = stateAt(time);
      throughput.take(scheduler);
    }
    const parts = { ledger, scheduler, throughput, cells: [] };
    const once = (): number => {
      // Processor time: how busy the computer is otherwise does not count.
      const began = process.cpuUsage();
      throughputView(parts, { by: 'worker', points: 300, include: [] });
      throughputView(parts, { by: 'site', points: 300, include: [] });
      workerTable(parts);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1000;
    };
    once();
    const taken = Math.min(once(), once(), once());
    assert.ok(taken < 250, `${taken} ms`);
  });
});
