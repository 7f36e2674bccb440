import assert from 'node:assert/strict';
import { readJournal } from '../../../src/base/journal.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { calls, type LifeSnapshot } from '../../../src/keeper/api.js';
import { fact } from '../../../src/keeper/fact.js';
import { ClusterRig, Home, processesOf, python } from '../../rigs/cluster/clusterRig.js';
import { DiracGate, type Passing } from '../../rigs/dirac/diracGate.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';

const patienceMs = 180_000;

/** A sum that is known, and where its parts were made. */
const sum = `
import time
from dask.distributed import Client, get_worker

client = Client()

def square(x):
    time.sleep(0.05)
    return x * x, get_worker().name

parts = client.gather(client.map(square, range(200)))
result = {"sum": sum(x for x, _ in parts), "workers": sorted({name for _, name in parts})}
`;
const sumOfSquares = 2_646_700;

/** What happens to a call in whose middle the keeper is killed. */
interface Kill extends Passing {
  /** Then the call never comes to DIRAC; else it does, after its caller is gone. */
  readonly lost?: true;
}

/** Between submission and journal, as far as there is any between. */
const kills: readonly Kill[] = [
  { method: 'submitJob', when: 'answered' },
  { method: 'confirmBulkSubmission', when: 'answered' },
  { method: 'submitJob', when: 'asked' },
  { method: 'submitJob', when: 'asked', lost: true },
  { method: 'confirmBulkSubmission', when: 'asked' },
  { method: 'confirmBulkSubmission', when: 'asked', lost: true },
  { method: 'streamFromClient', when: 'answered' },
  { method: 'submitJob', when: 'answered' },
  { method: 'submitJob', when: 'asked' },
  { method: 'confirmBulkSubmission', when: 'answered' },
];

describe('a cluster whose workers are jobs of a real DIRAC', function () {
  this.timeout(300_000);
  let home: Home;
  let dirac: DiracRig;
  let gate: DiracGate;
  let rig: ClusterRig;

  before(async () => {
    home = await Home.make();
    dirac = await DiracRig.start();
    gate = await DiracGate.start(dirac);
    rig = await ClusterRig.make({ grids: { gridpp: dirac.spec('alice', { url: gate.url }) } });
    for (const [name, site] of Object.entries(sites)) {
      await rig.client.call(calls.createPool, { name, grid: 'gridpp', sites: [site], python });
    }
  });

  after(async () => {
    try {
      await rig?.close();
      assert.deepEqual(processesOf(home.folder), [], 'something was left running');
    } finally {
      await gate?.stop();
      await dirac?.stop();
      await home.remove();
    }
  });

  const scale = (pool: string, workers: number) => rig.client.call(calls.scalePool, { pool, workers });

  const lives = async (pool?: string): Promise<LifeSnapshot[]> =>
    (await rig.lives()).filter((life) => pool === undefined || life.pool === pool);

  /** Waits for the pool's lives, whatever keeper tells of them. */
  const untilLives = async (pool: string, what: string, wanted: (all: LifeSnapshot[]) => boolean): Promise<void> => {
    let last: LifeSnapshot[] = [];
    await until(
      async () => {
        last = await lives(pool).catch(() => last);
        return wanted(last);
      },
      { timeoutMs: patienceMs, everyMs: 200, what: `In pool ${pool} ${what}` },
    ).catch((error: unknown) => assert.fail(`${String(error)}\n${JSON.stringify(last, null, 1)}`));
  };

  const untilWorking = (pool: string, workers: number): Promise<void> =>
    untilLives(pool, `${workers} working`, (all) => {
      const present = all.filter(({ phase }) => phase !== 'ended');
      return present.length === workers && present.every(({ phase }) => phase === 'working');
    });

  const keeper = (): number | undefined => {
    const found = processesOf(` keeper --folder ${rig.client.folder.path}`);
    const [line] = found.filter((one) => !one.includes('sitespan-keeper'));
    return line === undefined ? undefined : Number(line.split(' ')[0]);
  };

  /** Scales a pool, and kills the keeper in the middle of the submission that follows. */
  const scaleAndKill = async (pool: string, workers: number, kill: Kill): Promise<void> => {
    let killed = 0;
    gate.onPass = async ({ method, when }) => {
      if (killed > 0 || method !== kill.method || when !== kill.when) return;
      const pid = keeper();
      assert.ok(pid, 'a keeper calls DIRAC, and is not to be found');
      killed = pid;
      process.kill(pid, 'SIGKILL');
      if (kill.lost) throw new Error('lost');
      // Long enough for the next keeper to look before DIRAC has the call.
      if (when === 'asked') await sleep(3000);
    };
    await scale(pool, workers);
    await until(() => killed > 0, { timeoutMs: patienceMs, what: `The keeper's ${kill.method}` });
    await untilLives(pool, `a job for each of ${workers}`, (all) => {
      const present = all.filter(({ phase }) => phase !== 'ended');
      return present.length === workers && present.every(({ job }) => job !== null);
    });
    assert.notEqual(keeper(), killed);
    gate.onPass = async () => undefined;
  };

  /** DIRAC's own list of our jobs is the journal's, group by group, and each job is one life's. */
  const assertNothingDoubledOrOrphaned = async (): Promise<void> => {
    const { folder } = rig.client;
    const settings = await folder.readSettings();
    const facts = (await readJournal(folder.journal)).map((entry) => fact.parse(entry));
    const journalled = new Map(
      facts.flatMap((one) => (one.is === 'submitted' ? [[one.mark, [...one.jobs].sort()] as const] : [])),
    );
    const prefix = `sitespan.${settings.installation}.${settings.id.slice(-6)}.`;
    const known = [...(await dirac.jobsOfGroups('sitespan.'))].map(([mark, jobs]) => [mark, jobs.sort()] as const);
    assert.ok(known.every(([mark]) => mark.startsWith(prefix)));
    assert.deepEqual(new Map(known), journalled);
    const jobs = (await lives()).flatMap(({ job }) => job ?? []);
    assert.equal(new Set(jobs).size, jobs.length);
    assert.deepEqual(jobs.sort(), [...journalled.values()].flat().sort());
  };

  it('scales two pools up though its keeper is killed in the middle, and computes over the relay', async () => {
    const [first, second] = kills;
    assert.ok(first && second);
    await scaleAndKill('bristol', 2, first);
    await scaleAndKill('ralpp', 2, second);
    await untilWorking('bristol', 2);
    await untilWorking('ralpp', 2);
    assert.deepEqual(await rig.run(sum), {
      sum: sumOfSquares,
      workers: ['bristol-1', 'bristol-2', 'ralpp-1', 'ralpp-2'],
    });
    await assertNothingDoubledOrOrphaned();
  });

  it('lets the second starts of rescheduled jobs take the place of the first, which are lost', async () => {
    const first = await lives('bristol');
    await dirac.loseNodes(
      sites.bristol,
      first.flatMap(({ job }) => job ?? []),
    );
    let workers = 0;
    // DIRAC holds a rescheduled job for a minute; meanwhile the keeper is killed eight times more.
    for (const kill of kills.slice(2)) await scaleAndKill('brunel', ++workers, kill);
    await untilLives('bristol', 'second starts', (all) =>
      all.every(({ phase, warnings }) => phase === 'working' && /started again/.test(warnings.join())),
    );
    const second = await lives('bristol');
    assert.deepEqual(
      second.map(({ name, job }) => [name, job]),
      first.map(({ name, job }) => [name, job]),
    );
    for (const { name, job, warnings } of second) {
      assert.match(
        warnings.join(),
        new RegExp(`put its job ${job} back into the queue .*Job ${job} started again at .* replaced ${name}`),
      );
      // Each keeper that came meanwhile knew it.
      assert.equal(warnings.filter((one) => /back into the queue/.test(one)).length, 1, warnings.join('\n'));
    }
    assert.deepEqual(await rig.run(sum), {
      sum: sumOfSquares,
      workers: ['bristol-1_2', 'bristol-2_2', 'ralpp-1', 'ralpp-2'],
    });
    await assertNothingDoubledOrOrphaned();
  });

  it('scales all pools down: no job is left in DIRAC, and every life says why it ended', async () => {
    for (const pool of Object.keys(sites)) await scale(pool, 0);
    for (const pool of Object.keys(sites)) {
      await untilLives(pool, 'none left', (all) => all.every(({ phase }) => phase === 'ended'));
    }
    for (const { steps } of await lives()) assert.notEqual(steps.at(-1)?.evidence ?? '', '');
    await assertNothingDoubledOrOrphaned();
    // DIRAC's nodes hear of it with their next heartbeat.
    await until(async () => (await dirac.livingJobs()).length === 0, {
      timeoutMs: patienceMs,
      what: 'The end of all jobs',
    });
  });

  it('says what is wrong with a site or grid that a pool names', async () => {
    const pool = { name: 'other', grid: 'gridpp', sites: ['LCG.Nowhere.uk'], python };
    await assert.rejects(rig.client.call(calls.createPool, pool), {
      code: 'site-unknown',
      message: /LCG\.Nowhere\.uk/,
    });
    await assert.rejects(rig.client.call(calls.createPool, { ...pool, grid: 'nogrid' }), { code: 'grid-unknown' });
  });

  it('ends the jobs that still run when it is closed', async () => {
    await scale('ralpp', 1);
    await untilWorking('ralpp', 1);
    assert.notEqual((await dirac.livingJobs()).length, 0);
    await rig.close();
    await until(async () => (await dirac.livingJobs()).length === 0, {
      timeoutMs: patienceMs,
      what: 'The end of the last job',
    });
    const facts = (await readJournal(rig.client.folder.journal)).map((entry) => fact.parse(entry));
    const ended = new Set(facts.flatMap((one) => (one.is === 'life' && one.phase === 'ended' ? [one.life] : [])));
    const asked = facts.flatMap((one) => (one.is === 'intent' && one.pool === 'ralpp' ? one.lives : []));
    assert.ok(asked.every((life) => ended.has(life)));
  });
});
