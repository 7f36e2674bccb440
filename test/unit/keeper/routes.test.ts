import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { calls, type PoolSpec } from '../../../src/keeper/api.js';
import { Cluster } from '../../../src/keeper/cluster.js';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { routesOf } from '../../../src/keeper/routes.js';
import { logLines } from './logLines.js';
import { poolSpecOf } from './poolSpecs.js';
import { clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';

/** What is asked of a cluster that is open and of which nothing runs. */
describe('routesOf', () => {
  const home = scratchHome();
  let folder: ClusterFolder;
  let cluster: Cluster;
  beforeEach(async () => {
    folder = await clusterIn(home());
    cluster = await Cluster.open(folder, logLines().log);
  });
  afterEach(async () => {
    // The grid knows none of the jobs, and would be waited for.
    for (const { name } of cluster.ledger.lives)
      await cluster.record({ is: 'life', at: 10, life: name, phase: 'ended', evidence: 'the test is over' });
    await cluster.close('asked', 'the test is over');
    await cluster.run();
  });

  async function ask(call: { readonly path: string }, body: unknown): Promise<unknown> {
    const found = routesOf(cluster).find(({ path }) => path === call.path);
    assert.ok(found, call.path);
    return found.handle(body);
  }
  const create = (changes: Partial<PoolSpec> = {}): Promise<unknown> => ask(calls.createPool, poolSpecOf(changes));
  /** Two workers of the pool `main`: asked of north as jobs 17 and 18. */
  async function twoWorkers(): Promise<void> {
    const lives = ['main-1', 'main-2'];
    const bulk = { mark: 'm1', pool: 'main', site: 'north', lives, token: 'join-1', expires: 9e9 };
    await create();
    await cluster.record({ is: 'intent', at: 3, ...bulk });
    await cluster.record({ is: 'submitted', at: 4, mark: 'm1', jobs: ['17', '18'] });
  }

  it('does each call of the API', () => {
    assert.deepEqual(
      routesOf(cluster)
        .map(({ path }) => path)
        .sort(),
      Object.values(calls)
        .map(({ path }) => path)
        .sort(),
    );
  });

  it('gives the whole state', async () => {
    assert.deepEqual(calls.clusterState.answer.parse(await ask(calls.clusterState, {})), cluster.snapshot);
  });

  it('has a log of a worker once it has a job, and none for ever of one that never got one', async () => {
    const bulk = { mark: 'm2', pool: 'main', site: 'north', lives: ['main-1'], token: 'join-2', expires: 9e9 };
    await create();
    await cluster.record({ is: 'intent', at: 3, ...bulk });
    await assert.rejects(ask(calls.workerLog, { worker: 'main-1' }), { code: 'worker-not-submitted' });
    await cluster.record({ is: 'refused', at: 4, mark: 'm2', why: 'no such site' });
    assert.deepEqual(await ask(calls.workerLog, { worker: 'main-1' }), { text: '', offset: 0, final: true });
    await assert.rejects(ask(calls.workerLog, { worker: 'main-9' }), { code: 'worker-unknown' });
  });

  describe('a pool', () => {
    it('is made with what was left open filled in, and is on disk when the call returns', async () => {
      await ask(calls.createPool, { name: 'gpu', sites: ['north'], python: '/usr/bin/python3', resources: { GPU: 1 } });
      const written: unknown = JSON.parse((await readFile(folder.journal, 'utf8')).trim().split('\n').at(-1) ?? '');
      const { at, ...fact } = Object(written);
      assert.equal(typeof at, 'number');
      assert.deepEqual(fact, {
        is: 'pool',
        pool: {
          name: 'gpu',
          grid: 'local',
          sites: ['north'],
          cores: 1,
          memoryMb: 0,
          walltimeSeconds: 86_400,
          python: '/usr/bin/python3',
          resources: { GPU: 1 },
        },
      });
      const each = { grid: 'local', cores: 1, memoryMb: 0, walltimeSeconds: 86_400 };
      assert.deepEqual(cluster.snapshot.pools, [{ name: 'gpu', sites: ['north'], desired: 0, lives: {}, ...each }]);
    });

    it('needs sites that there are, and says which there are', async () => {
      await assert.rejects(create({ sites: ['north', 'mars', 'moon'] }), {
        code: 'site-unknown',
        message: 'This computer has no site mars, moon; there are north, south.',
      });
    });

    it('has its name alone', async () => {
      await create();
      await assert.rejects(create({ cores: 7 }), { code: 'pool-exists' });
      assert.equal(cluster.ledger.pool('main')?.spec.cores, 2);
    });

    for (const [what, change] of [
      ['no site', { sites: [] }],
      ['a name for paths', { name: '../x' }],
      ['half a core', { cores: 0.5 }],
      ['less than a minute', { walltimeSeconds: 59 }],
      ['no interpreter', { python: '' }],
    ] as const) {
      it(`is not made of ${what}`, async () => {
        await assert.rejects(ask(calls.createPool, { ...poolSpecOf(), ...change }), { code: 'bad-request' });
        assert.deepEqual(cluster.ledger.pools, []);
      });
    }

    it('is scaled', async () => {
      await create();
      await ask(calls.scalePool, { pool: 'main', workers: 5 });
      assert.equal(cluster.snapshot.pools[0]?.desired, 5);
    });

    it('is scaled beyond what a cluster may have unconfirmed only when that is confirmed', async () => {
      await create();
      const wish = { pool: 'main', workers: 51 };
      await assert.rejects(ask(calls.scalePool, wish), {
        code: 'confirmation-needed',
        message: /51 jobs × 2 cores × 1 h = 102 core hours/,
      });
      assert.equal(cluster.snapshot.pools[0]?.desired, 0);
      await cluster.record({ is: 'pool', at: 3, pool: poolSpecOf({ name: 'gpu' }) });
      await ask(calls.scalePool, { ...wish, confirmed: true });
      await assert.rejects(ask(calls.adaptPool, { pool: 'gpu', minimum: 0, maximum: 1 }), {
        code: 'confirmation-needed',
      });
    });

    it('adapts between two numbers until it is scaled', async () => {
      await create();
      await ask(calls.adaptPool, { pool: 'main', minimum: 2, maximum: 7 });
      const [adapting] = cluster.snapshot.pools;
      assert.deepEqual([adapting?.desired, adapting?.adaptive], [2, { minimum: 2, maximum: 7 }]);
      await ask(calls.scalePool, { pool: 'main', workers: 3 });
      const [plain] = cluster.snapshot.pools;
      assert.deepEqual([plain?.desired, plain?.adaptive], [3, undefined]);
    });

    it('does not adapt to a minimum that is more than the maximum', async () => {
      await create();
      await assert.rejects(ask(calls.adaptPool, { pool: 'main', minimum: 3, maximum: 2 }), { code: 'bad-request' });
    });

    it('that is not there cannot be scaled', async () => {
      await assert.rejects(ask(calls.scalePool, { pool: 'gpu', workers: 1 }), {
        code: 'pool-unknown',
        message: 'The cluster test has no pool gpu.',
      });
    });

    it('shows its own lives, and all are shown to who asks for no pool', async () => {
      await twoWorkers();
      await create({ name: 'gpu' });
      const lives = calls.listLives.answer.parse(await ask(calls.listLives, { pool: 'main' }));
      assert.deepEqual(
        lives.map(({ name, job, phase }) => [name, job, phase]),
        [
          ['main-1', '17', 'submitted'],
          ['main-2', '18', 'submitted'],
        ],
      );
      assert.deepEqual(await ask(calls.listLives, { pool: 'gpu' }), []);
      assert.deepEqual(await ask(calls.listLives, {}), lives);
    });
  });

  describe('a worker', () => {
    it('that has ended, or never was, cannot be killed', async () => {
      await twoWorkers();
      await cluster.record({ is: 'life', at: 9, life: 'main-1', phase: 'ended', evidence: 'killed' });
      for (const worker of ['main-1', 'main-7']) {
        await assert.rejects(ask(calls.killWorker, { worker }), {
          code: 'worker-unknown',
          message: `The cluster test has no worker ${worker} now.`,
        });
      }
    });

    it('that the grid has not taken yet has nothing to be killed', async () => {
      await create();
      const bulk = { mark: 'm1', pool: 'main', site: 'north', lives: ['main-1'], token: 'join-1', expires: 9e9 };
      await cluster.record({ is: 'intent', at: 3, ...bulk });
      await assert.rejects(ask(calls.killWorker, { worker: 'main-1' }), { code: 'worker-not-submitted' });
    });
  });

  it('lets one worker go, and its pool is one smaller', async () => {
    await twoWorkers();
    await ask(calls.scalePool, { pool: 'main', workers: 2 });
    for (const worker of ['main-1', 'main-1']) await ask(calls.drainWorker, { worker });
    const [pool] = cluster.snapshot.pools;
    assert.deepEqual([pool?.desired, pool?.lives], [1, { draining: 1, submitted: 1 }]);
    await assert.rejects(ask(calls.drainWorker, { worker: 'main-7' }), { code: 'worker-unknown' });
  });

  it('lists the workers of a pool that have not ended, and as many of the lost as are asked for', async () => {
    await twoWorkers();
    await cluster.record({ is: 'life', at: 9, life: 'main-1', phase: 'ended', evidence: 'its node was switched off' });
    const there = { name: 'main-2', site: 'north', job: '18', phase: 'submitted', since: 4, evidence: 'job 18' };
    assert.deepEqual(await ask(calls.listWorkers, { pool: 'main' }), [there]);
    const gone = { name: 'main-1', site: 'north', job: '17', phase: 'ended', since: 9 };
    assert.deepEqual(await ask(calls.listWorkers, { pool: 'main', lost: 5 }), [
      there,
      { ...gone, evidence: 'its node was switched off' },
    ]);
    await assert.rejects(ask(calls.listWorkers, { pool: 'gpu' }), { code: 'pool-unknown' });
  });

  it('lists the sites of its grids with its own jobs there', async () => {
    await twoWorkers();
    await cluster.record({ is: 'life', at: 9, life: 'main-1', phase: 'working', evidence: 'registered' });
    const idle = { slots: 2, banned: false, waiting: 0, running: 0, workers: 0 };
    assert.deepEqual(calls.listSites.answer.parse(await ask(calls.listSites, {})), [
      {
        grid: 'local',
        sites: [
          { ...idle, name: 'north', waiting: 1, running: 1, workers: 1 },
          { ...idle, name: 'south' },
        ],
      },
    ]);
  });

  it('probes no site that there is not', async () => {
    await assert.rejects(ask(calls.probeSite, { grid: 'local', site: 'mars' }), { code: 'site-unknown' });
  });

  it('revokes a join token, and no other than its own', async () => {
    await twoWorkers();
    await assert.rejects(ask(calls.revokeToken, { token: 'join-9' }), { code: 'token-unknown' });
    await ask(calls.revokeToken, { token: 'join-1' });
    assert.equal(cluster.ledger.isTokenRevoked('join-1'), true);
  });

  it('gives an empty series before anything was processed', async () => {
    assert.deepEqual(await ask(calls.throughputSeries, {}), { times: [], workers: {} });
  });

  it('closes the cluster once, and starts nothing more in it', async () => {
    await ask(calls.closeCluster, {});
    await ask(calls.closeCluster, {});
    assert.equal(cluster.snapshot.phase, 'closing');
    const closing = (await readFile(folder.journal, 'utf8')).match(/"is":"closing"/g);
    assert.equal(closing?.length, 1);
    for (const [call, body] of [
      [calls.startKernel, { cwd: home() }],
      [calls.schedulerCode, {}],
    ] as const) {
      await assert.rejects(ask(call, body), {
        code: 'cluster-closing',
        message: 'The cluster test is being closed: its owner closed it.',
      });
    }
  });
});
