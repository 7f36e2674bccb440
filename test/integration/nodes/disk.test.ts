import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { exitOf } from '../../../src/base/child/kept.js';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { readJournal } from '../../../src/base/journal.js';
import { until } from '../../../src/base/waiting.js';
import { calls } from '../../../src/keeper/api.js';
import { findCluster } from '../../../src/keeper/clusters.js';
import { ClusterRig, Home, processesOf, root } from '../../rigs/cluster/clusterRig.js';
import { SmallDisk } from '../../rigs/nodes/smallDisk.js';

const full = {
  code: 'disk-full',
  message: /^[^\n]*the disk of [^\n]* on this computer is full; make room there and try again\.$/,
};

describe('a disk that is full', () => {
  let home: Home;
  let disk: SmallDisk;
  let rig: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
    disk = new SmallDisk(24);
    process.env['XDG_STATE_HOME'] = disk.folder;
  });
  after(async () => {
    await disk?.free();
    try {
      await rig?.close();
    } finally {
      rig?.client.dispose();
      const left = processesOf(disk.folder);
      for (const line of left) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      disk?.dispose();
      await home?.remove();
      assert.deepEqual(left, []);
    }
  });

  const journal = (): Promise<readonly unknown[]> => readJournal(rig?.client.folder.journal ?? '');
  const cluster = (): ClusterRig => rig ?? assert.fail('there is no cluster');

  it('is a sentence when a cluster is made, and nothing of it stays', async () => {
    await disk.fill();
    await assert.rejects(ClusterRig.make({ name: 'first' }), full);
    await disk.free();
    const state = join(disk.folder, 'sitespan', hostname());
    assert.deepEqual(await readdir(state).catch(() => []), []);
  });

  it('is a sentence when something is asked for, loses nothing, and is forgotten when there is room', async () => {
    rig = await ClusterRig.make({ name: 'disk' });
    await rig.addPool(1);
    const { client } = rig;
    const before = await journal();
    await disk.fill();
    let taken = 0;
    // A file's last block has room for some more lines.
    const askAgainAndAgain = async (): Promise<void> => {
      for (; taken < 1000; taken++) await client.call(calls.scalePool, { pool: 'main', workers: 1 });
    };
    await assert.rejects(askAgainAndAgain(), full);
    const scales = (await journal()).slice(before.length).filter((entry) => JSON.stringify(entry).includes('"scale"'));
    assert.equal(scales.length, taken);
    await disk.free();
    await rig.scale(2);
    assert.deepEqual((await journal()).slice(0, before.length), before);
    assert.equal(await rig.run('result = 1 + 1'), 2);
  });

  it('costs a running notebook no output in its file, and its record says what is missing there', async () => {
    const work = await mkdtemp(join('/var/tmp', 'sitespan-work-'));
    try {
      const gate = join(work, 'gate');
      const source = `
import pathlib, time
for i in range(30):
    print("line", i, "." * 2000, flush=True)
    pathlib.Path(${JSON.stringify(`${gate}.begun`)}).write_text(str(i))
    time.sleep(0.05)
    while i == 20 and not pathlib.Path(${JSON.stringify(gate)}).exists():
        time.sleep(0.05)
result = "done"`;
      const running = cluster().run(source);
      const reached = async (line: number) => Number(await readFile(`${gate}.begun`, 'utf8').catch(() => '-1')) >= line;
      await until(() => reached(3), { timeoutMs: 60_000, what: 'The first lines' });
      await disk.fill();
      await until(() => reached(20), { timeoutMs: 60_000, what: 'The last line on a full disk' });
      await disk.free();
      await writeFile(gate, '');
      assert.equal(await running, 'done');
      const kernels = await readdir(cluster().client.folder.kernels);
      const record = await readFile(
        join(cluster().client.folder.kernel(kernels.sort().at(-1) ?? ''), 'record.jsonl'),
        'utf8',
      );
      const lines = record
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.ok(lines.some(({ event, message }) => event === 'note' && /The disk was full: \d+ lines/.test(message)));
      assert.equal(lines.filter(({ event }) => event === 'cell-ended').length, 1);
      assert.match(record, /line 0/);
      assert.match(record, /line 29/);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });

  it('does not let a keeper that was killed start, and costs it nothing but that', async () => {
    const { folder } = cluster().client;
    const before = await journal();
    await cluster().kill('keeper');
    await until(async () => (await exitOf(folder.keeper)) !== undefined, {
      timeoutMs: 60_000,
      what: "The keeper's end",
    });
    await disk.fill();
    await assert.rejects(
      ClusterRig.attach('disk'),
      /^SitespanError: [^\n]*the disk of [^\n]* is full; make room there/,
    );
    await disk.free();
    const again = await ClusterRig.attach('disk');
    await again.when(({ pools }) => pools[0]?.lives.working === 2);
    again.client.dispose();
    assert.deepEqual((await journal()).slice(0, before.length), before);
    assert.equal(await cluster().run('result = 2 + 2'), 4);
  });

  it('does not keep a cluster from being ended', async () => {
    await disk.fill();
    await cluster().close();
    rig = undefined;
    assert.deepEqual(processesOf(disk.folder), []);
    await disk.free();
    await assert.rejects(findCluster('disk'), { code: 'cluster-unknown', message: /has ended/ });
  });

  it('is a sentence when it is read-only, at each command', async () => {
    const cli = (...args: string[]) =>
      runLeashed({ command: process.execPath, args: [join(root, 'dist', 'cli.mjs'), ...args], timeoutMs: 60_000 });
    const made = await ClusterRig.make({ name: 'readonly' });
    await made.when(({ phase }) => phase === 'working');
    // Who watches starts a dead keeper again.
    made.client.dispose();
    await made.kill('keeper');
    await made.kill('scheduler');
    await made.kill('relay');
    await until(() => processesOf(disk.folder).length === 0, { timeoutMs: 60_000, what: 'The end of all' });
    await disk.setReadOnly(true);
    try {
      for (const command of ['status', 'down']) {
        const said = await cli(command, 'readonly');
        assert.equal(said.exitCode, 1);
        assert.match(said.stderr, /^sitespan: [^\n]*is read-only; ask its administrator[^\n]*\n$/);
      }
      await assert.rejects(ClusterRig.make({ name: 'other' }), { code: 'disk-read-only' });
    } finally {
      await disk.setReadOnly(false);
    }
    rig = await ClusterRig.attach('readonly');
  });
});
