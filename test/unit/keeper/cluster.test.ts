import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptKept, endKept, exitOf, startKept } from '../../../src/base/child/kept.js';
import { readJournal } from '../../../src/base/journal.js';
import { until } from '../../../src/base/waiting.js';
import { LocalGrid } from '../../../src/grid/local/localGrid.js';
import { Cluster } from '../../../src/keeper/cluster.js';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import type { Fact } from '../../../src/keeper/fact.js';
import { fakeRelay } from './fakeRelay.js';
import { logLines } from './logLines.js';
import { poolSpecOf } from './poolSpecs.js';
import { clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';

const begun: Fact[] = [
  { is: 'pool', at: 1, pool: poolSpecOf({ sites: ['north'] }) },
  { is: 'scale', at: 2, pool: 'main', workers: 1 },
  {
    ...{ is: 'intent', at: 3, mark: 'm1', pool: 'main', site: 'north', lives: ['main-1'] },
    ...{ token: 'join-1', expires: 9e9 },
  },
  { is: 'kernel', at: 5, id: 'k1', cwd: '/', python: '/usr/bin/python3', variables: {}, coffeaCasa: false },
];
const closing: Fact = { is: 'closing', at: 6, code: 'asked', why: 'its owner closed it' };

describe('Cluster', () => {
  let folder: ClusterFolder;
  const placesOf = (of: ClusterFolder): string[] => [of.relay, of.scheduler, of.kernel('k1')];
  // Before the scratch folder goes, and what is known of the children with it.
  afterEach(async () => {
    for (const place of placesOf(folder)) await endKept(place, { graceMs: 0 });
  });
  const home = scratchHome();

  async function cluster(program?: string): Promise<ClusterFolder> {
    folder = await clusterIn(home(), {}, program);
    return folder;
  }
  const write = (...facts: Fact[]): Promise<void> =>
    appendFile(folder.journal, facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''));
  const written = async (): Promise<unknown[]> => (await readJournal(folder.journal)).map((fact) => Object(fact).is);
  const start = (place: string) => {
    const child = { command: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'] };
    return startKept({ ...child, folder: place, env: {}, cwd: home(), logLimitBytes: 1000 });
  };
  /** A job of this cluster at the local grid, as an earlier keeper submitted it. */
  async function submitJob(): Promise<LocalGrid> {
    const grid = new LocalGrid({ folder: folder.local, sites: [{ name: 'north', slots: 2 }] });
    const [sandbox, executable] = [join(home(), 'sandbox'), 'start.sh'];
    await mkdir(sandbox);
    await writeFile(join(sandbox, executable), '#!/bin/sh\nwhile :; do sleep 0.05; done\n', { mode: 0o755 });
    const limits = { count: 1, cores: 1, memoryMb: 0, walltimeSeconds: 60 };
    await grid.submit({ mark: 'm1', sites: ['north'], ...limits, sandbox, executable, environment: {} });
    await until(async () => (await grid.watch(['1']))[0]?.phase === 'running', { timeoutMs: 5000, what: 'The job' });
    return grid;
  }

  it('has one keeper', async () => {
    const of = await cluster();
    const first = await Cluster.open(of, logLines().log);
    await assert.rejects(Cluster.open(of, logLines().log), { code: 'already-held' });
    await first.close('asked', 'the test is over');
    await first.run();
  });

  it('is what its journal says', async () => {
    const of = await cluster();
    await write(...begun);
    const one = await Cluster.open(of, logLines().log);
    const { phase, pools } = one.snapshot;
    assert.equal(phase, 'starting');
    const [pool, ...others] = pools;
    assert.deepEqual(others, []);
    assert.deepEqual([pool?.name, pool?.sites, pool?.desired], ['main', ['north'], 1]);
    assert.deepEqual(pool?.lives, { requested: 1 });
    await one.close('asked', 'the test is over');
    await one.run();
  });

  it('is not opened where the journal was damaged', async () => {
    const of = await cluster();
    await writeFile(of.journal, `{"is":"sca\n${JSON.stringify(closing)}\n`);
    await assert.rejects(Cluster.open(of, logLines().log), { code: 'journal-corrupt' });
  });

  it('holds true what is on disk, and tells of it', async () => {
    const one = await Cluster.open(await cluster(), logLines().log);
    let told = 0;
    one.onDidChange(() => told++);
    const [pool] = begun;
    assert.ok(pool);
    const recording = one.record(pool);
    assert.deepEqual(one.ledger.pools, []);
    await recording;
    assert.equal(one.ledger.pools.length, 1);
    assert.deepEqual([await written(), told], [['pool'], 1]);
    await one.close('asked', 'the test is over');
    await one.run();
  });

  it('that was closed while its keeper was dead is ended by the next, with all that still ran of it', async () => {
    const of = await cluster();
    await write(...begun, closing);
    const grid = await submitJob();
    for (const place of placesOf(of)) await start(place);
    await (await Cluster.open(of, logLines().log)).run();
    for (const place of placesOf(of)) {
      assert.equal(await adoptKept(place), undefined, place);
      assert.notEqual(await exitOf(place), undefined, place);
    }
    assert.equal((await grid.watch(['1']))[0]?.phase, 'killed');
    assert.equal((await written()).at(-1), 'closed');
    await assert.rejects(stat(of.userKey), { code: 'ENOENT' });
  });

  it('that has ended and whose keeper is started once more ends again, without a word about it', async () => {
    const of = await cluster();
    await write(...begun.slice(0, 2), closing, { is: 'closed', at: 7 });
    const { log, lines } = logLines();
    await (await Cluster.open(of, log)).run();
    assert.deepEqual(lines, []);
  });

  it('fails with a sentence when its relay does not start, and ends what an earlier keeper had started', async () => {
    const of = await cluster(`console.error('no such cipher'); process.exit(1);`);
    await write({ is: 'relay', at: 1, host: '127.0.0.1', port: 1 });
    await start(of.scheduler);
    const one = await Cluster.open(of, logLines().log);
    await one.run();
    const { phase, problems } = one.snapshot;
    assert.equal(phase, 'failed');
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['relay-start-failed'],
    );
    assert.match(problems[0]?.message ?? '', /no such cipher/);
    assert.equal(await adoptKept(of.scheduler), undefined);
  });

  it('fails with a sentence when its scheduler does not start, and ends its relay', async () => {
    // The interpreter is Node here, which has no module sitespan.scheduler.
    const of = await cluster(fakeRelay);
    const one = await Cluster.open(of, logLines().log);
    await one.run();
    assert.deepEqual([one.snapshot.phase, one.snapshot.problems[0]?.code], ['failed', 'scheduler-start-failed']);
    assert.equal((await exitOf(of.relay))?.code, 0);
    assert.equal(await adoptKept(of.relay), undefined);
    const port = Number(/listening on .*:(\d+)/.exec(await readFile(join(of.relay, 'log'), 'utf8'))?.[1]);
    assert.deepEqual(one.ledger.relay?.port, port);
  });
});
