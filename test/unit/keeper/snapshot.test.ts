import assert from 'node:assert/strict';
import { clusterSnapshot, type LifePhase } from '../../../src/keeper/api.js';
import { clusterSettings } from '../../../src/keeper/clusterFolder.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import type { SchedulerState } from '../../../src/keeper/schedulerState.js';
import { type SnapshotParts, snapshotOf } from '../../../src/keeper/snapshot.js';
import { Throughput } from '../../../src/keeper/throughput.js';
import { poolSpecOf } from './poolSpecs.js';
import { writtenSettings } from './writtenSettings.js';

const settings = clusterSettings.parse(writtenSettings);

function parts(changes: Partial<SnapshotParts> = {}): SnapshotParts {
  return {
    settings,
    phase: 'working',
    problems: [],
    relay: { address: '127.0.0.1:8790', restarts: 0 },
    httpPort: null,
    ledger: new Ledger(),
    scheduler: undefined,
    throughput: new Throughput(() => 'north'),
    kernels: [],
    ...changes,
  };
}

/** A ledger with a pool `main` of 3 at north and south, and lives `main-1`… of these phases, all at north. */
function ledgerOf(...phases: LifePhase[]): Ledger {
  const ledger = new Ledger();
  const lives = phases.map((_, index) => `main-${index + 1}`);
  ledger.apply({ is: 'pool', at: 1, pool: poolSpecOf() });
  ledger.apply({ is: 'scale', at: 2, pool: 'main', workers: 3 });
  ledger.apply({ is: 'intent', at: 3, mark: 'm1', pool: 'main', site: 'north', lives, token: 't', expires: 9 });
  for (const [index, phase] of phases.entries())
    ledger.apply({ is: 'life', at: 4, life: `main-${index + 1}`, phase, evidence: '' });
  return ledger;
}

function schedulerState(events: number): SchedulerState {
  const counts = { events, bytes: 10 * events, again: { events: 1, bytes: 10 }, samples: {} };
  const worker = {
    address: 'relay://main-1:1',
    nthreads: 1,
    memory: 0,
    memoryLimit: 0,
    cpu: 0,
    executing: 0,
    tasks: 0,
  };
  return {
    id: 'Scheduler-1',
    time: 100,
    workers: [{ ...worker, name: 'main-1', failed: 0, counts }],
    gone: { events: 0, bytes: 0, again: { events: 0, bytes: 0 }, samples: {} },
    tasks: { waiting: 4, processing: 3, memory: 2, erred: 1 },
    clients: 1,
  };
}

describe('snapshotOf', () => {
  it('is whole before anything was started', () => {
    const snapshot = snapshotOf(parts({ phase: 'starting' }));
    assert.deepEqual(clusterSnapshot.parse(snapshot), snapshot);
    assert.deepEqual([snapshot.name, snapshot.id, snapshot.phase], ['ttbar', 'ttbar-1a2b3c', 'starting']);
    assert.deepEqual(snapshot.tasks, { waiting: 0, processing: 0, memory: 0, erred: 0 });
    assert.deepEqual(snapshot.sites, []);
  });

  it('counts lives by pool and by site, and names a site that has none', () => {
    const { pools, sites } = snapshotOf(parts({ ledger: ledgerOf('working', 'working', 'ended') }));
    const each = { grid: 'local', cores: 2, memoryMb: 3000, walltimeSeconds: 3600 };
    assert.deepEqual(pools, [
      { name: 'main', sites: ['north', 'south'], desired: 3, lives: { working: 2, ended: 1 }, ...each },
    ]);
    assert.deepEqual(
      sites.map(({ site, lives }) => [site, lives]),
      [
        ['north', { working: 2, ended: 1 }],
        ['south', {}],
      ],
    );
  });

  it("brings the scheduler's tasks, and the events by site and in all", () => {
    const scheduler = schedulerState(50);
    const throughput = new Throughput(() => 'north');
    throughput.take(scheduler);
    const snapshot = snapshotOf(parts({ ledger: ledgerOf('working'), scheduler, throughput }));
    assert.deepEqual(clusterSnapshot.parse(snapshot), snapshot);
    assert.deepEqual(snapshot.tasks, { waiting: 4, processing: 3, memory: 2, erred: 1 });
    assert.deepEqual(snapshot.total, {
      events: 50,
      bytes: 500,
      again: { events: 1, bytes: 10 },
      eventsPerSecond: 0,
      bytesPerSecond: 0,
    });
    assert.deepEqual(
      snapshot.sites.map(({ site, events }) => [site, events]),
      [
        ['north', 50],
        ['south', 0],
      ],
    );
  });

  it('is as small for a thousand workers as for one', () => {
    const size = (workers: number): number =>
      JSON.stringify(
        snapshotOf(parts({ ledger: ledgerOf(...Array.from({ length: workers }, () => 'working' as const)) })),
      ).length;
    assert.ok(size(1000) < size(1) + 20);
  });
});
