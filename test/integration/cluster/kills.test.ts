import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { adoptKept } from '../../../src/base/child/kept.js';
import { SitespanError } from '../../../src/base/errors.js';
import { readJournal } from '../../../src/base/journal.js';
import { isSystemError } from '../../../src/base/systemError.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { calls } from '../../../src/keeper/api.js';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { type Fact, type FactOf, fact } from '../../../src/keeper/fact.js';
import { ClusterRig, Home, processesOf } from '../../rigs/cluster/clusterRig.js';

const kills = 20;
const seed = 20_261_128;

/** Rounds of work whose sums are known, until it is told to stop; a round that came out wrong is counted. */
const rounds = (stop: string) => `
import os, time
from dask.distributed import Client

client = Client()

def square(x):
    time.sleep(0.05)
    return x * x

done = wrong = 0
while done == 0 or not os.path.exists(${JSON.stringify(stop)}):
    numbers = range(40 * done, 40 * done + 40)
    wrong += sum(client.gather(client.map(square, numbers))) != sum(x * x for x in numbers)
    done += 1
result = {"done": done, "wrong": wrong}
`;

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The keeper's own process, whether it answers yet or not; undefined while it is between two lives. */
function keeperPid(folder: ClusterFolder): number | undefined {
  const [line] = processesOf(` keeper --folder ${folder.path}`).filter((one) => !one.includes('sitespan-keeper'));
  return line === undefined ? undefined : Number(line.split(' ')[0]);
}

/** Kills the keeper alone, which its watchdog starts again; or all of its group, so that whoever looks next must. */
async function killKeeper(folder: ClusterFolder, whole: boolean): Promise<void> {
  await until(
    async () => {
      const [kept, pid] = [await adoptKept(folder.keeper), keeperPid(folder)];
      if (kept === undefined || pid === undefined) return false;
      try {
        process.kill(whole ? -kept.mark.pid : pid, 'SIGKILL');
        return true;
      } catch (error) {
        // Its watchdog gave up just now; the next one is to be killed instead.
        if (isSystemError(error, 'ESRCH')) return false;
        throw error;
      }
    },
    { timeoutMs: 60_000, everyMs: 20, what: 'A keeper to be killed' },
  );
}

/** Asks until the keeper has heard it: the one that was asked may have been killed before it wrote it down. */
async function scale(rig: ClusterRig, workers: number): Promise<void> {
  await until(
    () =>
      rig.client.call(calls.scalePool, { pool: 'main', workers }).then(
        () => true,
        (error: unknown) => {
          if (SitespanError.is(error, 'keeper-unreachable') || SitespanError.is(error, 'deadline')) return false;
          throw error;
        },
      ),
    { timeoutMs: 60_000, everyMs: 100, what: 'The keeper' },
  );
}

async function factsOf(folder: ClusterFolder): Promise<Fact[]> {
  return (await readJournal(folder.journal)).map((entry) => fact.parse(entry));
}

function only<Kind extends Fact['is']>(facts: readonly Fact[], kind: Kind): FactOf<Kind>[] {
  return facts.filter((one): one is FactOf<Kind> => one.is === kind);
}

const jobFile = z.object({ mark: z.string() });

describe('a keeper that is killed again and again', function () {
  this.timeout(600_000);
  let home: Home;
  let rig: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
  });
  after(async () => {
    await rig?.close();
    await home.remove();
  });

  it(`at ${kills} moments while its pool goes up and down: nothing is wrong, doubled, orphaned or lost`, async () => {
    const r = await ClusterRig.make();
    rig = r;
    const { folder } = r.client;
    const stop = join(home.folder, 'stop');
    await r.addPool(2);
    const running = r.run(rounds(stop), {}, undefined, 540_000);
    // Whether it ends well is asked at the end.
    running.catch(() => undefined);
    await r.when(({ tasks }) => tasks.processing > 0);

    const begunAt = Date.now() / 1000;
    const random = seeded(seed);
    for (let kill = 0; kill < kills; kill++) {
      // A third while it starts; of the others half follow a wish at once, into the middle of what it begins.
      const moment = random() * (kill % 3 === 1 ? 2500 : 600);
      const workers = 1 + Math.floor(random() * 4);
      const whole = random() < 0.3;
      if (kill % 3 === 2) {
        await until(() => keeperPid(folder) !== undefined, { timeoutMs: 60_000, everyMs: 20, what: 'The next keeper' });
      } else {
        await scale(r, workers);
      }
      await sleep(moment);
      await killKeeper(folder, whole);
    }
    await scale(r, 2);
    await r.settled(2);
    const lives = await r.lives();
    const { times } = await r.client.call(calls.throughputSeries, {});
    assert.ok((times[0] ?? Number.POSITIVE_INFINITY) < begunAt, 'the curve was lost');

    await writeFile(stop, '');
    const { done, wrong } = z.object({ done: z.int(), wrong: z.int() }).parse(await running);
    assert.ok(done > 0);
    assert.equal(wrong, 0);

    const facts = await factsOf(folder);
    const intents = only(facts, 'intent');
    const submitted = only(facts, 'submitted');
    const marks = intents.map(({ mark }) => mark);
    assert.deepEqual(marks, [...new Set(marks)], 'one intent a mark');
    const noted = submitted.flatMap(({ mark, jobs }) => jobs.map((job) => `${job} of ${mark}`));
    const jobs = join(folder.local, 'jobs');
    const there = (await readdir(jobs)).filter((name) => !name.startsWith('.'));
    const handedOver = await Promise.all(
      there.map(async (job) => {
        const asked = jobFile.parse(JSON.parse(await readFile(join(jobs, job, 'job.json'), 'utf8')));
        return `${job} of ${asked.mark}`;
      }),
    );
    assert.deepEqual(noted.toSorted(), handedOver.toSorted(), 'the jobs of the grid are those of the journal');

    const alive = lives.filter(({ phase }) => phase !== 'ended').map(({ job }) => job);
    const runs = await Promise.all(there.map(async (job) => (await adoptKept(join(jobs, job))) && job));
    assert.deepEqual(runs.filter((job) => job !== undefined).toSorted(), alive.toSorted(), 'no job is an orphan');
    for (const { job, name, steps } of lives.filter(({ phase }) => phase === 'ended')) {
      assert.notEqual(steps.at(-1)?.evidence ?? '', '', `${name} ended without a cause`);
      // One that never had a job was never a worker: its keeper was killed before it asked for it.
      const asked = job === null || steps.some(({ phase }) => phase === 'draining');
      assert.ok(asked, `${name} was lost: ${JSON.stringify(steps)}`);
    }
    assert.ok(lives.length > 4, 'the pool went up and down');

    await r.client.call(calls.closeCluster, {});
    await until(() => processesOf(home.folder).length === 0, {
      timeoutMs: 30_000,
      everyMs: 200,
      what: 'The end of all processes of the cluster',
    });
    await r.close();
    const whole = await factsOf(folder);
    const ended = new Set(
      only(whole, 'life').flatMap(({ life, phase, evidence }) => (phase === 'ended' && evidence !== '' ? [life] : [])),
    );
    const refused = new Set(only(whole, 'refused').map(({ mark }) => mark));
    const took = new Map(only(whole, 'submitted').map(({ mark, jobs: taken }) => [mark, taken.length]));
    for (const { mark, lives: names } of only(whole, 'intent')) {
      if (refused.has(mark)) continue;
      for (const name of names.slice(0, took.get(mark) ?? 0)) assert.ok(ended.has(name), `${name} has no end`);
    }
  });

  it('says that the cluster has failed when its scheduler died while no keeper ran', async () => {
    const r = await ClusterRig.make({ name: 'lost' });
    rig = r;
    await r.addPool(1);
    await r.kill('keeper');
    await r.kill('scheduler');
    await assert.rejects(
      r.when(() => false),
      { code: 'scheduler-ended', message: /^The scheduler on this computer (was killed|ended with exit code 137); / },
    );
    await r.close();
    assert.deepEqual(processesOf(home.folder), []);
  });
});
