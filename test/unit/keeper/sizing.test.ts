import assert from 'node:assert/strict';
import type { ClusterSnapshot } from '../../../src/keeper/api.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { type Activity, Sizing } from '../../../src/keeper/sizing.js';
import { poolSpecOf } from './poolSpecs.js';

const minute = 60;
const noCells = { queued: 0, running: 0, done: 3, failed: 0, skipped: 0 };
const idle: Activity = {
  tasks: { waiting: 0, processing: 0, memory: 7, erred: 1 },
  kernels: [{ id: 'k1', folder: '/k1', phase: 'idle', cells: noCells }],
  target: 0,
};
const kernels = (phase: ClusterSnapshot['kernels'][number]['phase'], cells = {}): Activity => ({
  ...idle,
  kernels: [{ id: 'k1', folder: '/k1', phase, cells: { ...noCells, ...cells } }],
});
const tasks = (numbers: Partial<Activity['tasks']>): Activity => ({ ...idle, tasks: { ...idle.tasks, ...numbers } });

/** A cluster `ttbar` with its journal and a clock that goes as the test says. */
class World {
  readonly facts: Fact[] = [];
  now = 1_790_000_000;
  ledger = new Ledger();
  sizing: Sizing;

  constructor(private readonly idleMinutes = 30) {
    this.sizing = this.keeper();
  }

  static async with(workers: number, idleMinutes?: number): Promise<World> {
    const made = new World(idleMinutes);
    await made.record({ is: 'pool', at: made.now, pool: poolSpecOf() });
    await made.scale(workers);
    return made;
  }

  async record(fact: Fact): Promise<void> {
    this.facts.push(fact);
    this.ledger.apply(fact);
  }

  scale(workers: number): Promise<void> {
    return this.record({ is: 'scale', at: this.now, pool: 'main', workers });
  }

  /** Looks every ten seconds, as a keeper would, for so many minutes. */
  async pass(minutes: number, activity = idle): Promise<void> {
    const end = this.now + minutes * minute;
    while (this.now < end) {
      this.now += 10;
      await this.sizing.look(activity, this.now);
    }
  }

  /** The keeper is killed, and the next knows the journal and nothing else. */
  startAgain(): void {
    this.ledger = new Ledger();
    for (const fact of this.facts) this.ledger.apply(fact);
    this.sizing = this.keeper();
  }

  get desired(): number | undefined {
    return this.ledger.pool('main')?.desired;
  }

  private keeper(): Sizing {
    return new Sizing({
      cluster: 'ttbar',
      ledger: this.ledger,
      idleMinutes: this.idleMinutes,
      pace: { intervalSeconds: 5, waitCount: 6 },
      startedAt: this.now,
      record: (fact) => this.record(fact),
    });
  }
}

describe('Sizing', () => {
  describe('an idle cluster', () => {
    it('lets its workers go after the limit, and says so and how to get them back', async () => {
      const w = await World.with(4);
      await w.pass(29);
      assert.deepEqual([w.desired, w.sizing.notices], [4, []]);
      await w.pass(2);
      assert.equal(w.desired, 0);
      const [notice] = w.sizing.notices;
      assert.equal(notice?.code, 'idle-drained');
      assert.match(
        notice.message,
        /^Nothing ran in ttbar for 30 minutes, so the 4 workers of pool main were let go at .*; "sitespan scale ttbar main 4" asks for as many again\.$/,
      );
    });

    it('says it once, and takes it back when the pool is scaled again', async () => {
      const w = await World.with(4);
      await w.pass(90);
      assert.equal(w.facts.filter(({ is }) => is === 'drained').length, 1);
      await w.scale(2);
      assert.deepEqual([w.desired, w.sizing.notices], [2, []]);
      await w.pass(29);
      assert.equal(w.desired, 2);
    });

    it('keeps its workers for ever where the limit is 0', async () => {
      const w = await World.with(4, 0);
      await w.pass(300);
      assert.equal(w.desired, 4);
    });

    it('has a limit of its own', async () => {
      const w = await World.with(4, 0.5);
      await w.pass(1);
      assert.equal(w.desired, 0);
    });

    it('begins to count anew when somebody scales it', async () => {
      const w = await World.with(4);
      await w.pass(20);
      await w.scale(5);
      await w.pass(20);
      assert.equal(w.desired, 5);
      await w.pass(11);
      assert.equal(w.desired, 0);
    });

    for (const [what, activity] of [
      ['a task that runs', tasks({ processing: 1 })],
      ['a task that waits', tasks({ waiting: 1 })],
      ['a kernel that is busy', kernels('busy')],
      ['a cell in a queue', kernels('idle', { queued: 1 })],
    ] as const) {
      it(`is none with ${what}, and begins anew after it`, async () => {
        const w = await World.with(4);
        await w.pass(20);
        await w.pass(50, activity);
        await w.pass(29);
        assert.equal(w.desired, 4);
        await w.pass(2);
        assert.equal(w.desired, 0);
      });
    }

    it('is one with nothing but a kernel that died in the middle of a cell', async () => {
      const w = await World.with(4);
      await w.pass(31, kernels('dead', { running: 1, queued: 2 }));
      assert.equal(w.desired, 0);
    });
  });

  describe('after the keeper was killed', () => {
    it('goes on counting', async () => {
      const w = await World.with(4);
      await w.pass(20);
      w.startAgain();
      await w.pass(9);
      assert.equal(w.desired, 4);
      await w.pass(2);
      assert.equal(w.desired, 0);
    });

    it('still knows that it has drained the pools', async () => {
      const w = await World.with(4);
      await w.pass(31);
      const said = w.sizing.notices;
      w.startAgain();
      assert.deepEqual([w.desired, w.sizing.notices], [0, said]);
      assert.equal(said.length, 1);
    });

    it('looks on for a minute before it believes that nothing ran while no keeper looked', async () => {
      const w = await World.with(4);
      await w.pass(20);
      w.now += 120 * minute;
      w.startAgain();
      await w.pass(0.5);
      await w.pass(0.2, tasks({ processing: 1 }));
      await w.pass(29);
      assert.equal(w.desired, 4);
    });
  });

  it('writes little: a pause is no news', async () => {
    const w = await World.with(4);
    const before = w.facts.length;
    for (let n = 0; n < 100; n++) {
      await w.pass(0.5);
      await w.pass(0.5, kernels('busy'));
    }
    assert.equal(w.facts.length, before);
  });

  describe('an adaptive pool', () => {
    const adapt = (w: World, minimum: number, maximum: number): Promise<void> =>
      w.record({ is: 'adapt', at: w.now, pool: 'main', minimum, maximum });

    it("follows the scheduler's target", async () => {
      const w = await World.with(0);
      await adapt(w, 1, 10);
      assert.equal(w.desired, 1);
      await w.pass(1, { ...tasks({ processing: 40 }), target: 40 });
      assert.equal(w.desired, 10);
      await w.pass(2);
      assert.equal(w.desired, 1);
    });

    it('is a plain one again when it is scaled', async () => {
      const w = await World.with(0);
      await adapt(w, 1, 10);
      await w.scale(3);
      await w.pass(1, { ...tasks({ processing: 40 }), target: 40 });
      assert.equal(w.desired, 3);
      assert.equal(w.ledger.pool('main')?.adaptive, undefined);
    });

    it('that was drained comes back with work', async () => {
      const w = await World.with(0);
      await adapt(w, 2, 10);
      await w.pass(40);
      assert.equal(w.desired, 0);
      assert.match(w.sizing.notices[0]?.message ?? '', /the pool grows again when something runs\.$/);
      await w.pass(1, { ...tasks({ waiting: 3 }), target: 1 });
      assert.deepEqual([w.desired, w.sizing.notices], [2, []]);
    });

    it('does not start a pool again whose workers do not survive their start', async () => {
      const w = await World.with(0);
      await adapt(w, 1, 10);
      const asked = w.ledger.pool('main')?.wishedAt;
      await w.pass(5, { ...tasks({ processing: 40 }), target: 40 });
      assert.deepEqual([w.desired, w.ledger.pool('main')?.wishedAt], [10, asked]);
    });
  });
});
