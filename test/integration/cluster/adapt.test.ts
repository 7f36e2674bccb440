import assert from 'node:assert/strict';
import { type ClusterSnapshot, calls } from '../../../src/keeper/api.js';
import { ClusterRig, Home, processesOf, python } from '../../rigs/cluster/clusterRig.js';

/** More than one worker can do soon, and a sum that is known. */
const many = `
import time
from dask.distributed import Client

client = Client()

def slow(x):
    time.sleep(0.1)
    return x

result = sum(client.gather(client.map(slow, range(300))))
`;

describe('an adaptive pool', function () {
  this.timeout(300_000);
  let home: Home;
  let rig: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
  });
  after(async () => {
    await rig?.close();
    await home.remove();
  });
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
    assert.deepEqual(processesOf(home.folder), [], 'something was left running');
  });

  it('grows for many tasks, shrinks to its minimum after them, and is a plain pool again once it is scaled', async () => {
    const r = await ClusterRig.make({ adapting: { intervalSeconds: 0.5, waitCount: 4 } });
    rig = r;
    await r.client.call(calls.createPool, { name: 'main', sites: ['north', 'south'], python });
    await r.client.call(calls.adaptPool, { pool: 'main', minimum: 1, maximum: 3 });
    const pool = ({ pools }: ClusterSnapshot) => pools.find(({ name }) => name === 'main');
    const first = await r.when((snapshot) => pool(snapshot)?.lives.working === 1);
    assert.deepEqual([pool(first)?.desired, pool(first)?.adaptive], [1, { minimum: 1, maximum: 3 }]);

    const running = r.run(many);
    running.catch(() => undefined);
    await r.when((snapshot) => pool(snapshot)?.desired === 3);
    assert.equal(await running, (299 * 300) / 2);
    await r.settled(1);
    const left = (await r.lives()).filter(({ steps }) => steps.some(({ phase }) => phase === 'draining'));
    assert.ok(left.length > 0);
    for (const { steps } of left) {
      assert.match(steps.find(({ phase }) => phase === 'draining')?.evidence ?? '', /^pool main was adapted to \d$/);
    }

    await r.scale(2);
    const last = await r.when((snapshot) => pool(snapshot)?.desired === 2);
    assert.equal(pool(last)?.adaptive, undefined);
  });

  it('is let go like any other when nothing runs in the cluster, and comes back with work', async () => {
    const adapting = { intervalSeconds: 0.5, waitCount: 4 };
    const r = await ClusterRig.make({ adapting, limits: { idleMinutes: 0.05 } });
    rig = r;
    await r.client.call(calls.createPool, { name: 'main', sites: ['north', 'south'], python });
    await r.client.call(calls.adaptPool, { pool: 'main', minimum: 1, maximum: 2 });
    const drained = await r.when(({ problems }) => problems.some(({ code }) => code === 'idle-drained'));
    assert.equal(drained.pools[0]?.desired, 0);
    await r.settled(0);
    assert.equal(await r.run(many), (299 * 300) / 2);
  });
});
