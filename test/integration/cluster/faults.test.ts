import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { ClusterRig, Home, processesOf } from '../../rigs/cluster/clusterRig.js';

/** Long enough that something can happen in the middle; the sum is known. */
const sum = `
import time
from dask.distributed import Client

client = Client()

def slow(x):
    time.sleep(0.05)
    return x * x

result = sum(client.gather(client.map(slow, range(200))))
`;
const sumOfSquares = 2_646_700;

describe('a cluster in trouble', () => {
  let home: Home;
  let rig: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
  });
  after(() => home.remove());
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
    assert.deepEqual(processesOf(home.folder), [], 'something was left running');
  });

  const make = async (workers: number): Promise<ClusterRig> => {
    rig = await ClusterRig.make();
    await rig.addPool(workers);
    return rig;
  };

  it('goes on with the same workers when its relay is killed and started again', async () => {
    const r = await make(2);
    const before = await r.lives();
    const running = r.run(sum);
    await r.when(({ tasks }) => tasks.processing > 0);
    await r.kill('relay');
    assert.equal(await running, sumOfSquares);
    const after = await r.when(({ relay }) => relay.restarts === 1);
    assert.equal(
      after.sites.map(({ lives }) => lives.working ?? 0).reduce((a, b) => a + b),
      2,
    );
    assert.deepEqual(
      (await r.lives()).map(({ name, phase }) => [name, phase]),
      before.map(({ name }) => [name, 'working']),
    );
  });

  it('says what hinders it while its relay cannot be started again, and goes on when it can', async () => {
    const r = await make(1);
    const { program } = r.client.folder;
    await rename(program, `${program}.away`);
    await r.kill('relay');
    const { problems } = await r.when((snapshot) => snapshot.problems.length > 0);
    assert.equal(problems[0]?.code, 'relay-start-failed');
    assert.match(problems[0]?.message ?? '', /The relay did not start on 127\.0\.0\.1 of this computer: .*its log is/);
    await rename(`${program}.away`, program);
    await r.when((snapshot) => snapshot.problems.length === 0);
    assert.equal(await r.run('result = 42'), 42);
  });

  it('says so clearly when its scheduler is killed, and ends all of it within 30 s', async () => {
    const r = await make(2);
    const running = r.run(sum).then(
      () => assert.fail('the notebook cannot have ended well'),
      (error: unknown) => String(error),
    );
    await r.when(({ tasks }) => tasks.processing > 0);
    const killedAt = performance.now();
    await r.kill('scheduler');
    assert.match(await running, /scheduler on this computer (was killed|ended with exit code 137)/);
    await r.close();
    assert.ok(performance.now() - killedAt < 30_000);
  });

  it('goes on when its keeper is killed: the next one adopts all that runs, and lets new workers in', async () => {
    const r = await make(1);
    const running = r.run(sum).catch(String);
    await r.when(({ tasks }) => tasks.processing > 0);
    const [keeper] = processesOf(home.folder).filter(
      (line) => / keeper --folder /.test(line) && !line.includes('/bin/sh'),
    );
    process.kill(Number(keeper?.split(' ')[0]), 'SIGKILL');
    assert.equal(await running, sumOfSquares);
    await r.scale(2);
    const lives = await r.lives();
    assert.deepEqual(
      lives.map(({ phase }) => phase),
      ['working', 'working'],
    );
  });

  it('scales down by draining: data moves away, the job ends, the life says why', async () => {
    const r = await make(2);
    await r.scale(1);
    await r.when(({ sites }) => sites.some(({ lives }) => lives.ended === 1));
    const ended = (await r.lives()).find(({ phase }) => phase === 'ended');
    assert.ok(ended?.steps.some(({ phase, evidence }) => phase === 'draining' && /scaled to 1/.test(evidence)));
    assert.equal(await r.run(sum), sumOfSquares);
  });
});
