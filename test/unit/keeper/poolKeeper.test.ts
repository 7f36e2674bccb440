import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { sleep, until } from '../../../src/base/waiting.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { sayStopped } from '../../../src/keeper/failingStarts.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { PoolKeeper } from '../../../src/keeper/poolKeeper.js';
import { FakeGrid } from './fakeGrid.js';
import { logLines } from './logLines.js';
import { poolSpecOf } from './poolSpecs.js';

const farewellMs = 50;

/** A cluster's journal and grid, which outlive its keepers. */
class World {
  readonly grid = new FakeGrid();
  readonly otherGrid = new FakeGrid('other');
  /** Who was retired, and which jobs had been killed by then. */
  readonly retired: { readonly worker: string; readonly killed: readonly string[] }[] = [];
  executing: readonly string[] = [];
  /** What retiring ends with. */
  retireFailure: Error | undefined;
  readonly facts: Fact[] = [];
  ledger = new Ledger();
  pools = this.keeper();

  async record(fact: Fact): Promise<void> {
    this.facts.push(fact);
    this.ledger.apply(fact);
  }

  /** A keeper that knows the journal and nothing else, as after the last one was killed. */
  startAgain(): void {
    this.ledger = new Ledger();
    for (const fact of this.facts) this.ledger.apply(fact);
    this.pools = this.keeper();
  }

  async scale(workers: number, at = Date.now() / 1000): Promise<void> {
    await this.record({ is: 'scale', at, pool: 'main', workers });
    await this.pools.reconcile();
  }

  /** Lets workers come to work, as the scheduler would show. */
  async work(...lives: string[]): Promise<void> {
    for (const life of lives)
      await this.record({ is: 'life', at: Date.now() / 1000, life, phase: 'working', evidence: 'registered' });
  }

  get hindrances(): string[] {
    return this.ledger.pools.flatMap((pool) => sayStopped('ttbar', pool));
  }

  phases(): Record<string, string> {
    return Object.fromEntries(this.ledger.lives.map((life) => [life.name, life.phase]));
  }

  why(life: string): string | undefined {
    return this.ledger.life(life)?.snapshot().steps.at(-1)?.evidence;
  }

  private keeper(): PoolKeeper {
    return new PoolKeeper({
      ledger: this.ledger,
      gridOf: (name) => (name === 'other' ? this.otherGrid : this.grid),
      markPrefix: 'sitespan.1a2b3c',
      record: (fact) => this.record(fact),
      payload: async (pool, mark) => `/payload/${pool.spec.name}/${mark}`,
      executing: ({ name }) => this.executing.includes(name),
      retire: async (workers) => {
        if (this.retireFailure !== undefined) throw this.retireFailure;
        for (const worker of workers) this.retired.push({ worker, killed: [...this.grid.killed] });
      },
      farewellMs,
      log: logLines().log,
    });
  }
}

async function world(sites = ['north', 'south']): Promise<World> {
  const made = new World();
  await made.record({ is: 'pool', at: 1, pool: poolSpecOf({ sites }) });
  return made;
}
/** One more job, whoever submits it. */
const late = {
  ...{ sites: ['north'], count: 1, cores: 2, memoryMb: 3000, walltimeSeconds: 3600 },
  ...{ sandbox: '/payload', executable: 'start.sh', environment: {} },
};
const died = new Error('the keeper was killed here');
const soon = (condition: () => boolean): Promise<void> =>
  until(condition, { timeoutMs: 3000, everyMs: 5, what: 'What the pools were to do' });

describe('PoolKeeper', () => {
  it('asks each site for its share, with all that a job needs', async () => {
    const w = await world();
    await w.scale(3);
    const shares = w.grid.intents.map(({ sites, count, mark }) => ({ sites, count, mark }));
    assert.deepEqual(shares, [
      { sites: ['north'], count: 2, mark: 'sitespan.1a2b3c.1' },
      { sites: ['south'], count: 1, mark: 'sitespan.1a2b3c.2' },
    ]);
    const { cores, memoryMb, walltimeSeconds, sandbox, executable } = w.grid.intents[0] ?? {};
    assert.deepEqual([cores, memoryMb, walltimeSeconds, executable], [2, 3000, 3600, 'start.sh']);
    assert.equal(sandbox, '/payload/main/sitespan.1a2b3c.1');
    assert.deepEqual(
      w.ledger.lives.map(({ name, site, job, phase }) => [name, site, job, phase]),
      [
        ['main-1', 'north', '101', 'submitted'],
        ['main-2', 'north', '102', 'submitted'],
        ['main-3', 'south', '103', 'submitted'],
      ],
    );
  });

  it('asks once for what is missing, however often it looks', async () => {
    const w = await world();
    await w.scale(2);
    await w.pools.reconcile();
    await w.pools.reconcile();
    assert.equal(w.grid.jobs.size, 2);
  });

  it('gives each bulk a token of its own that outlasts a week in the queue and the walltime', async () => {
    const w = await world();
    await w.scale(2);
    const intents = w.facts.filter((fact) => fact.is === 'intent');
    assert.equal(new Set(intents.map(({ token }) => token)).size, 2);
    for (const { token, expires, at } of intents) {
      assert.match(token, /^join-[0-9a-f]{16}$/);
      assert.ok(expires >= Math.floor(at) + 7 * 86_400 + 3600);
    }
  });

  it('ends the lives of a submission that the grid refused, with its words', async () => {
    const w = await world(['north']);
    w.grid.failure = {
      error: new SitespanError('job-too-large', 'north has 1 slot, and a job wants 2.'),
      taken: false,
    };
    await w.scale(2);
    assert.deepEqual(w.phases(), { 'main-1': 'ended', 'main-2': 'ended' });
    assert.equal(w.why('main-2'), 'north has 1 slot, and a job wants 2.');
  });

  it('asks no more of a site that refuses again and again, and says so until the pool is scaled anew', async () => {
    const w = await world(['north']);
    w.grid.failure = {
      error: new SitespanError('job-too-large', 'north has 1 slot, and a job wants 2.'),
      taken: false,
    };
    await w.scale(1, 2);
    for (let n = 0; n < 5; n++) await w.pools.reconcile();
    assert.equal(w.ledger.lives.length, 3);
    assert.match(w.hindrances.join(), /^Pool main lost 3 workers.*: north has 1 slot, and a job wants 2\.$/);
    w.grid.failure = undefined;
    await w.scale(1, Date.now() / 1000 + 1);
    assert.deepEqual(w.hindrances, []);
    assert.equal(w.grid.jobs.size, 1);
  });

  describe('a submission that broke off', () => {
    const deadline = new SitespanError('deadline', 'The answer of the grid did not come within 60 s.');

    it('is none that was refused: the jobs that the grid took are found, and not asked for again', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: deadline, taken: true };
      await assert.rejects(w.scale(2), deadline);
      w.grid.failure = undefined;
      assert.deepEqual(w.phases(), { 'main-1': 'requested', 'main-2': 'requested' });
      await w.pools.heal();
      await w.pools.reconcile();
      assert.deepEqual([...w.grid.jobs.keys()], ['101', '102']);
      assert.deepEqual(w.phases(), { 'main-1': 'submitted', 'main-2': 'submitted' });
    });

    it('ends its lives with the reason when the grid took nothing', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: deadline, taken: false };
      await assert.rejects(w.scale(1), deadline);
      await w.pools.heal();
      assert.equal(w.why('main-1'), deadline.message);
    });

    it('is not judged while its jobs may still appear', async () => {
      const w = await world(['north']);
      w.grid.settleMs = 60_000;
      w.grid.failure = { error: deadline, taken: false };
      await assert.rejects(w.scale(1), deadline);
      w.grid.failure = undefined;
      await w.pools.heal();
      await w.pools.reconcile();
      assert.deepEqual([w.phases(), w.grid.jobs.size], [{ 'main-1': 'requested' }, 0]);
      await w.grid.submit({ ...late, mark: 'sitespan.1a2b3c.1' });
      await w.pools.heal();
      assert.deepEqual(w.phases(), { 'main-1': 'submitted' });
    });

    it('has what appeared of it ended without waiting for the rest when the cluster ends, each job once', async () => {
      const w = await world(['north']);
      w.grid.settleMs = 60_000;
      w.grid.failure = { error: deadline, taken: false };
      await assert.rejects(w.scale(3), deadline);
      w.grid.failure = undefined;
      await w.grid.submit({ ...late, mark: 'sitespan.1a2b3c.1' });
      await w.pools.heal();
      assert.deepEqual(w.grid.killed, []);
      await w.pools.heal({ closing: true });
      await w.grid.submit({ ...late, mark: 'sitespan.1a2b3c.1' });
      await w.pools.heal({ closing: true });
      assert.deepEqual([w.grid.killed, w.phases()['main-1']], [['101', '102'], 'requested']);
    });

    it('that the grid says nothing about keeps only its own pool from asking for more', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: deadline, taken: true };
      await assert.rejects(w.scale(1), deadline);
      w.grid.failure = undefined;
      const broken = new Error('the search has failed');
      w.grid.beforeFind = async () => {
        throw broken;
      };
      await w.record({ is: 'pool', at: 1, pool: poolSpecOf({ name: 'near', sites: ['north'] }) });
      for (const pool of ['main', 'near'])
        await w.record({ is: 'scale', at: Date.now() / 1000, pool, workers: pool === 'main' ? 2 : 1 });
      await assert.rejects(w.pools.round('local'), broken);
      assert.deepEqual(w.phases(), { 'main-1': 'requested', 'near-1': 'submitted' });
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'near', workers: 0 });
      await assert.rejects(w.pools.round('local'), broken);
      await soon(() => w.grid.killed.includes('102'));
      w.grid.beforeFind = undefined;
      await w.pools.round('local');
      assert.deepEqual([w.ledger.life('main-1')?.job, w.phases()['main-2']], ['101', 'submitted']);
    });

    it('is one failure, however many workers it was for: no reason to ask no more of the site', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: deadline, taken: false };
      await assert.rejects(w.scale(4), deadline);
      await w.pools.heal();
      w.grid.failure = undefined;
      await w.pools.reconcile();
      assert.deepEqual([w.grid.jobs.size, w.hindrances], [4, []]);
    });

    it('that the grid took twice has what is too much of it ended', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: deadline, taken: true };
      await assert.rejects(w.scale(1), deadline);
      w.grid.failure = undefined;
      await w.grid.submit({ ...late, mark: 'sitespan.1a2b3c.1' });
      await w.pools.heal();
      assert.deepEqual([w.grid.killed, w.ledger.life('main-1')?.job], [['102'], '101']);
    });
  });

  describe('after its predecessor was killed', () => {
    it('finds the jobs that the grid took and nobody noted', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: died, taken: true };
      await assert.rejects(w.scale(2), died);
      w.grid.failure = undefined;
      w.startAgain();
      await w.pools.heal();
      await w.pools.reconcile();
      assert.deepEqual([...w.grid.jobs.keys()], ['101', '102']);
      assert.deepEqual(
        w.ledger.lives.map(({ job, phase }) => [job, phase]),
        [
          ['101', 'submitted'],
          ['102', 'submitted'],
        ],
      );
    });

    it('ends the lives that the grid was never asked for, and asks for new ones', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: died, taken: false };
      await assert.rejects(w.scale(1), died);
      w.grid.failure = undefined;
      w.startAgain();
      await w.pools.heal();
      assert.equal(w.why('main-1'), 'the keeper was ended before it asked north');
      await w.pools.reconcile();
      assert.deepEqual(w.phases(), { 'main-1': 'ended', 'main-2': 'submitted' });
    });

    it('ends the workers that it had begun to let go', async () => {
      const w = await world(['north']);
      await w.scale(1);
      await w.record({ is: 'life', at: 5, life: 'main-1', phase: 'draining', evidence: 'pool main was scaled to 0' });
      await w.record({ is: 'scale', at: 6, pool: 'main', workers: 0 });
      w.startAgain();
      await w.pools.reconcile();
      await soon(() => w.grid.killed.length > 0);
      assert.deepEqual(w.grid.killed, ['101']);
    });

    it('ends a job that it wanted no more before it knew its number', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: died, taken: true };
      await assert.rejects(w.scale(1), died);
      w.grid.failure = undefined;
      await w.scale(0);
      assert.deepEqual(w.grid.killed, []);
      await w.pools.heal();
      await w.pools.reconcile();
      await soon(() => w.grid.killed.length > 0);
      assert.deepEqual(w.grid.killed, ['101']);
    });
  });

  describe('of several grids', () => {
    const down = new SitespanError('grid-unreachable', 'the other grid does not answer');

    /** Pool `main` here, pool `far` at the other grid, one worker each. */
    const twoGrids = async (): Promise<World> => {
      const w = await world(['north']);
      const spec = poolSpecOf({ name: 'far', grid: 'other', sites: ['south'] });
      await w.record({ is: 'pool', at: 1, pool: spec });
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'far', workers: 1 });
      await w.scale(1);
      return w;
    };

    it('asks each for its own pools, though their jobs have the same ids', async () => {
      const w = await twoGrids();
      assert.deepEqual([w.ledger.life('main-1')?.job, w.ledger.life('far-1')?.job], ['101', '101']);
      w.otherGrid.become('101', 'running', 'Running far away');
      await w.pools.look();
      assert.deepEqual(w.phases(), { 'main-1': 'waiting', 'far-1': 'starting' });
      const far = w.ledger.life('far-1');
      assert.ok(far);
      await w.pools.kill(far, 'a test');
      assert.deepEqual([w.grid.killed, w.otherGrid.killed], [[], ['101']]);
    });

    it('is not kept from one by the trouble of another', async () => {
      const w = await twoGrids();
      w.otherGrid.watchFailure = down;
      w.grid.become('101', 'running', 'Running');
      await assert.rejects(w.pools.look(), down);
      assert.equal(w.ledger.life('main-1')?.phase, 'starting');
      w.otherGrid.failure = { error: down, taken: false };
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'far', workers: 2 });
      await assert.rejects(w.scale(2), down);
      assert.equal(w.ledger.life('main-2')?.phase, 'submitted');
    });

    it('asks each no more often than it wants to be asked', async () => {
      const w = await twoGrids();
      w.otherGrid.watchEveryMs = 60_000;
      await w.pools.look();
      await w.pools.look();
      assert.deepEqual([w.grid.looks, w.otherGrid.looks], [2, 1]);
    });

    it('begins bulks of two at once, each under a mark of its own', async () => {
      const w = await twoGrids();
      for (const pool of ['main', 'far']) await w.record({ is: 'scale', at: Date.now() / 1000, pool, workers: 2 });
      await Promise.all([w.pools.round('local'), w.pools.round('other')]);
      const marks = w.facts.flatMap((fact) => (fact.is === 'intent' ? [fact.mark] : []));
      assert.deepEqual([marks.length, new Set(marks).size], [4, 4]);
    });

    it('asks one that is away neither for jobs nor to end any, and makes up for it later', async () => {
      const w = await twoGrids();
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'far', workers: 2 });
      w.otherGrid.watchFailure = down;
      await assert.rejects(w.pools.round('other'), down);
      assert.equal(w.ledger.lives.length, 2);
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'far', workers: 0 });
      await assert.rejects(w.pools.round('other'), down);
      assert.deepEqual([w.ledger.life('far-1')?.phase, w.otherGrid.killed], ['draining', []]);
      w.otherGrid.watchFailure = undefined;
      await w.pools.round('other');
      await soon(() => w.otherGrid.killed.length > 0);
    });

    it('lets workers of one that is away end by way of their scheduler, once, and ends their jobs later', async () => {
      const w = await twoGrids();
      await w.work('far-1');
      w.otherGrid.watchFailure = down;
      w.otherGrid.killFailure = down;
      await w.record({ is: 'scale', at: Date.now() / 1000, pool: 'far', workers: 0 });
      const round = () => assert.rejects(w.pools.round('other'), down);
      await round();
      await soon(() => w.otherGrid.killsAsked === 1);
      for (let n = 0; n < 3; n++) await round();
      await sleep(2 * farewellMs);
      assert.deepEqual([w.retired, w.otherGrid.killsAsked], [[{ worker: 'far-1', killed: [] }], 1]);
      w.otherGrid.watchFailure = undefined;
      w.otherGrid.killFailure = undefined;
      await w.pools.round('other');
      await soon(() => w.otherGrid.killed.length > 0);
      assert.equal(w.retired.length, 1);
    });

    it('ends the jobs of all when the cluster ends', async () => {
      const w = await twoGrids();
      await w.pools.killAll();
      assert.deepEqual([w.grid.killed, w.otherGrid.killed], [['101'], ['101']]);
    });
  });

  describe('looking at the jobs', () => {
    it("takes each life along with the grid's own words", async () => {
      const w = await world(['north']);
      await w.scale(1);
      await w.pools.look();
      w.grid.become('101', 'matched', 'Matched; pilot 77');
      await w.pools.look();
      w.grid.become('101', 'running', 'Running');
      await w.pools.look();
      assert.deepEqual(
        w.ledger
          .life('main-1')
          ?.snapshot()
          .steps.slice(2)
          .map(({ phase, evidence }) => [phase, evidence]),
        [
          ['waiting', 'Waiting'],
          ['matched', 'Matched; pilot 77'],
          ['starting', 'Running'],
        ],
      );
    });

    it('writes down only what has changed', async () => {
      const w = await world();
      await w.scale(2);
      await w.pools.look();
      const known = w.facts.length;
      await w.pools.look();
      assert.equal(w.facts.length, known);
    });

    it('says how a job failed, with its last words', async () => {
      const w = await world(['north']);
      await w.scale(1);
      w.grid.become('101', 'failed', 'Failed (exit code 3)', 'starting\nsitespan: this node has no python3\n\n');
      await w.pools.look();
      assert.equal(w.phases()['main-1'], 'ended');
      assert.equal(w.why('main-1'), 'Failed (exit code 3); its last words: this node has no python3');
    });

    it('says why a job never came here, though the grid takes it for done', async () => {
      const w = await world(['north']);
      await w.scale(1);
      w.grid.become('101', 'done', 'Done', 'sitespan: the relay cannot be reached.\nwrapper: bye\n');
      await w.pools.look();
      assert.equal(w.why('main-1'), 'Done; its last words: the relay cannot be reached.');
    });

    it('ends what waits when three starts fail alike, and asks again when the pool is scaled', async () => {
      const w = await world(['north']);
      await w.scale(8);
      for (const id of ['101', '102', '103']) w.grid.become(id, 'failed', 'Exited with 3', 'sitespan: no python3\n');
      await w.pools.look();
      await w.pools.reconcile();
      await soon(() => w.grid.killed.length === 5);
      await w.pools.look();
      await w.pools.reconcile();
      assert.deepEqual([w.grid.jobs.size, w.ledger.pool('main')?.desired], [8, 0]);
      assert.deepEqual(w.hindrances, [
        'Pool main lost 3 workers at north before they worked, and asks for no more there until it is scaled again ("sitespan scale ttbar main 8"): Exited with 3; its last words: no python3',
      ]);
      assert.match(w.ledger.life('main-4')?.snapshot().steps.at(-2)?.evidence ?? '', /^others of pool main failed/);
      await w.scale(1, Date.now() / 1000 + 1);
      assert.deepEqual([w.grid.jobs.size, w.hindrances], [9, []]);
    });

    it('says that a job was killed, and replaces it', async () => {
      const w = await world(['north']);
      await w.scale(1);
      await w.work('main-1');
      const life = w.ledger.life('main-1');
      assert.ok(life);
      await w.pools.kill(life, 'its owner killed it');
      await w.pools.look();
      await w.pools.reconcile();
      assert.equal(w.why('main-1'), 'Killed');
      assert.deepEqual(w.phases(), { 'main-1': 'ended', 'main-2': 'submitted' });
    });

    it('leaves a life as it is while the grid does not know its job', async () => {
      const w = await world(['north']);
      await w.scale(1);
      w.grid.become('101', 'unknown', 'no such job');
      await w.pools.look();
      assert.equal(w.phases()['main-1'], 'submitted');
    });
  });

  describe('letting workers go', () => {
    it('retires one that works, then gives it time to end by itself, then ends its job', async () => {
      const w = await world(['north']);
      await w.scale(2);
      await w.work('main-1', 'main-2');
      const begun = performance.now();
      await w.scale(1);
      await soon(() => w.grid.killed.length > 0);
      assert.ok(performance.now() - begun > farewellMs - 5);
      assert.deepEqual(w.retired, [{ worker: 'main-2', killed: [] }]);
      assert.deepEqual(w.grid.killed, ['102']);
      await w.pools.look();
      assert.deepEqual(w.phases(), { 'main-1': 'working', 'main-2': 'ended' });
    });

    it('lets one that was retired end by itself where its grid takes long to call it done', async () => {
      const w = await world(['north']);
      w.grid.endingMs = 60_000;
      await w.scale(1);
      await w.work('main-1');
      await w.scale(0);
      await sleep(2 * farewellMs);
      w.grid.become('101', 'done', 'Done (Execution Complete)');
      await w.pools.look();
      await sleep(2 * farewellMs);
      assert.deepEqual([w.grid.killed, w.why('main-1')], [[], 'Done (Execution Complete)']);
    });

    it('does not wait for the grid to call done what could not be retired', async () => {
      const w = await world(['north']);
      w.grid.endingMs = 60_000;
      w.retireFailure = new Error('the scheduler has gone');
      await w.scale(1);
      await w.work('main-1');
      await w.scale(0);
      await soon(() => w.grid.killed.length > 0);
    });

    it('ends the job of one that does not work yet at once, and lets it go once', async () => {
      const w = await world(['north']);
      await w.scale(2);
      await w.scale(0);
      await w.pools.reconcile();
      await soon(() => w.grid.killed.length >= 2);
      await sleep(20);
      assert.deepEqual([w.retired, w.grid.killed.sort()], [[], ['101', '102']]);
    });

    it('tries again when the grid could not be reached', async () => {
      const w = await world(['north']);
      await w.scale(1);
      w.grid.killFailure = new SitespanError('grid-unreachable', 'The grid does not answer.');
      await w.scale(0);
      await sleep(20);
      w.grid.killFailure = undefined;
      await w.pools.reconcile();
      await soon(() => w.grid.killed.length > 0);
      assert.deepEqual(w.grid.killed, ['101']);
    });

    it('tries again no more often than the grid wants to be asked', async () => {
      const w = await world(['north']);
      await w.scale(1);
      w.grid.watchEveryMs = 60_000;
      w.grid.killFailure = new SitespanError('grid-unreachable', 'The grid does not answer.');
      await w.scale(0);
      for (let n = 0; n < 3; n++) {
        await sleep(5);
        await w.pools.reconcile();
      }
      assert.equal(w.grid.killsAsked, 1);
    });

    it('cannot kill a worker that has no job yet', async () => {
      const w = await world(['north']);
      w.grid.failure = { error: died, taken: true };
      await assert.rejects(w.scale(1), died);
      const life = w.ledger.life('main-1');
      assert.ok(life);
      await assert.rejects(w.pools.kill(life, 'asked'), { code: 'worker-not-submitted' });
    });
  });

  it('lets those go first that run no task, and says what for', async () => {
    const w = await world(['north']);
    w.executing = ['main-2', 'main-3'];
    await w.scale(3);
    await w.work('main-1', 'main-2', 'main-3');
    await w.record({ is: 'adapt', at: 5, pool: 'main', minimum: 0, maximum: 9 });
    await w.record({ is: 'adapted', at: 6, pool: 'main', workers: 2 });
    await w.pools.reconcile();
    assert.deepEqual(w.phases(), { 'main-1': 'draining', 'main-2': 'working', 'main-3': 'working' });
    assert.equal(w.why('main-1'), 'pool main was adapted to 2');
    await w.record({ is: 'drained', at: 7, minutes: 30, pools: [{ pool: 'main', workers: 2 }] });
    await w.pools.reconcile();
    assert.equal(w.why('main-2'), 'pool main was drained: nothing ran for 30 minutes');
    await soon(() => w.grid.killed.length === 3);
  });

  describe('of a grid that takes jobs and gives none a place', () => {
    /** A pool `far` at the other grid that has asked for workers `ago` seconds ago. */
    async function waiting(ago: number): Promise<World> {
      const w = new World();
      w.otherGrid.suspect = 'the setup X';
      const pool = poolSpecOf({ name: 'far', grid: 'other', sites: ['south'] });
      await w.record({ is: 'pool', at: 1, pool });
      await w.record({ is: 'scale', at: 2, pool: 'far', workers: 2 });
      await w.pools.reconcile();
      await w.pools.look();
      for (const fact of w.facts) fact.at -= ago;
      w.startAgain();
      return w;
    }
    const warnings = (w: World): (readonly string[])[] => w.ledger.lives.map((life) => life.snapshot().warnings);

    it('says so once it has been long enough: in the life, once, and as it goes on', async () => {
      const w = await waiting(1260);
      await w.pools.look();
      const sentence =
        /^Waiting for 21 minutes: the grid other takes jobs, but none has got a place; check the setup X/;
      const [first, second] = warnings(w);
      assert.deepEqual([first?.length, second?.length], [1, 0]);
      assert.match(first?.[0] ?? '', sentence);
      assert.match(w.pools.unmatched[0] ?? '', sentence);
      w.startAgain();
      await w.pools.look();
      assert.deepEqual(warnings(w), [first, second]);
    });

    it('says nothing before, nor once one of its jobs had a place', async () => {
      const w = await waiting(300);
      await w.pools.look();
      assert.deepEqual([w.pools.unmatched, warnings(w)], [[], [[], []]]);
      const late = await waiting(1260);
      late.otherGrid.become('101', 'matched', 'Matched');
      await late.pools.look();
      assert.deepEqual([late.pools.unmatched, warnings(late)], [[], [[], []]]);
    });

    it('takes it back when nobody waits any more', async () => {
      const w = await waiting(1260);
      await w.pools.look();
      assert.equal(w.pools.unmatched.length, 1);
      for (const id of ['101', '102']) w.otherGrid.become(id, 'killed', 'Killed');
      await w.pools.look();
      await w.pools.look();
      assert.deepEqual(w.pools.unmatched, []);
    });

    it('takes it back when one gets a place after all', async () => {
      const w = await waiting(1260);
      await w.pools.look();
      w.otherGrid.become('102', 'running', 'Running');
      await w.pools.look();
      assert.deepEqual(w.pools.unmatched, []);
    });
  });

  it('asks no other time for a site that the grid has banned', async () => {
    const w = await world(['north']);
    w.grid.failure = { error: new SitespanError('site-banned', 'The grid sends no jobs to north now.'), taken: false };
    await w.scale(1);
    assert.deepEqual(w.phases(), { 'main-1': 'ended' });
    assert.equal(w.why('main-1'), 'The grid sends no jobs to north now.');
  });

  it('ends every job that has not ended when the cluster ends', async () => {
    const w = await world(['north']);
    await w.scale(3);
    w.grid.become('102', 'done', 'Done');
    await w.pools.look();
    await w.pools.killAll();
    assert.deepEqual(w.grid.killed, ['101', '103']);
  });
});
