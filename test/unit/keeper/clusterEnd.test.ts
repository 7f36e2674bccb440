import assert from 'node:assert/strict';
import { endJobs } from '../../../src/keeper/clusterEnd.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { PoolKeeper } from '../../../src/keeper/poolKeeper.js';
import { FakeGrid } from './fakeGrid.js';
import { logLines } from './logLines.js';
import { poolSpecOf } from './poolSpecs.js';

const lost = new Error('the submission broke off');

/** A cluster with one worker whose job 101 is known, and a bulk of two of which the grid took 102 and 103 without a word. */
class World {
  readonly grid = new FakeGrid();
  readonly ledger = new Ledger();
  readonly log = logLines();
  readonly pools = new PoolKeeper({
    ...{ ledger: this.ledger, log: this.log.log, markPrefix: 'sitespan.1a2b3c' },
    gridOf: () => this.grid,
    record: (fact) => this.record(fact),
    payload: async () => '/payload',
    retire: async () => undefined,
  });

  static async make(): Promise<World> {
    const world = new World();
    await world.record({ is: 'pool', at: 1, pool: poolSpecOf({ sites: ['north'] }) });
    await world.scale(1);
    world.grid.failure = { error: lost, taken: true };
    await assert.rejects(world.scale(3), lost);
    return world;
  }

  async record(fact: Fact): Promise<void> {
    this.ledger.apply(fact);
  }

  end(timeoutMs: number): Promise<void> {
    return endJobs({ ...this, log: this.log.log, record: (fact) => this.record(fact) }, timeoutMs);
  }

  get isEnded(): boolean {
    return this.ledger.lives.every(({ ended }) => ended);
  }

  private async scale(workers: number): Promise<void> {
    await this.record({ is: 'scale', at: 2, pool: 'main', workers });
    await this.pools.reconcile();
  }
}

describe('endJobs', () => {
  it('ends known jobs, and those that a broken submission has left', async () => {
    const w = await World.make();
    await w.end(5000);
    assert.deepEqual([w.grid.killed.toSorted(), w.isEnded], [['101', '102', '103'], true]);
  });

  it('ends what has appeared of a submission that is not settled when the time is up', async () => {
    const w = await World.make();
    w.grid.settleMs = 60_000;
    w.grid.jobs.delete('103');
    await assert.rejects(w.end(300), { code: 'deadline' });
    assert.deepEqual([w.grid.killed.toSorted(), w.isEnded], [['101', '102'], true]);
    assert.match(w.ledger.life('main-3')?.glance().evidence ?? '', /before its grid had said whether it took the job$/);
  });

  it('ends the known jobs though the grid fails to look for others, and says so once', async () => {
    const w = await World.make();
    w.grid.beforeFind = async () => {
      throw new Error('the search has failed');
    };
    await assert.rejects(w.end(500), { code: 'deadline' });
    assert.deepEqual([w.grid.killed, w.ledger.life('main-1')?.glance().evidence], [['101'], 'Killed']);
    assert.equal(w.log.lines.filter((line) => line.includes('the search has failed')).length, 1);
  });

  it('breaks off what is still asked of the grid when the time is up', async () => {
    const w = await World.make();
    const signals: (AbortSignal | undefined)[] = [];
    w.grid.beforeFind = (_, call) => {
      signals.push(call?.signal);
      return new Promise((_, reject) => {
        call?.signal?.addEventListener('abort', () => reject(call.signal?.reason), { once: true });
      });
    };
    await assert.rejects(w.end(100), { code: 'deadline' });
    assert.deepEqual([signals.map((signal) => signal?.aborted), w.grid.killed], [[true], ['101']]);
  });
});
