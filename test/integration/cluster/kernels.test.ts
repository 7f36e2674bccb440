import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SitespanError } from '../../../src/base/errors.js';
import { until } from '../../../src/base/waiting.js';
import { calls, type KernelSnapshot } from '../../../src/keeper/api.js';
import { KernelClient } from '../../../src/keeper/kernelClient.js';
import { parseNotebook } from '../../../src/notebook/notebook.js';
import { outputText } from '../../../src/notebook/outputText.js';
import { KernelRecord } from '../../../src/notebook/record.js';
import { runNotebook } from '../../../src/notebook/runNotebook.js';
import { ClusterRig, example, Home, runExample } from '../../rigs/cluster/clusterRig.js';

/** The user's own cluster, beside ours in the same kernel; `result` is what each client is connected to. */
const ownCluster = `
from distributed import Client, LocalCluster
with LocalCluster(n_workers=1, host="127.0.0.1", dashboard_address="127.0.0.1:0") as own, Client(own) as mine:
    assert mine.submit(sum, [1, 2]).result(30) == 3
    mine_at = mine.scheduler.address
with Client() as theirs:
    assert theirs.submit(sum, [3, 4]).result(30) == 7
    print("own cluster", mine_at.split("://")[0], "ours", theirs.scheduler.address)
`;
const coffeaCasa = `
from distributed import Client
with Client("tls://localhost:8786") as client:
    workers = client.run(lambda: 1)
    print("workers", len(workers), client.submit(sum, [5, 6]).result(30))
`;

describe('kernels of a cluster', () => {
  let home: Home;
  let rig: ClusterRig;
  let work: string;

  before(async function () {
    this.timeout(240_000);
    home = await Home.make();
    work = await mkdtemp(join(tmpdir(), 'kernels-'));
    await runExample('make_data.py', work, '--scale', '0.005');
    rig = await ClusterRig.make();
    await rig.addPool(2);
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
    await rm(work, { recursive: true, force: true });
  });

  const start = (wish: object = {}, of = rig): Promise<KernelSnapshot> =>
    of.client.call(calls.startKernel, { cwd: work, ...wish });
  const kernelWhen = async (
    id: string,
    wished: (kernel: KernelSnapshot) => boolean,
    of = rig,
  ): Promise<KernelSnapshot> => {
    const found = (snapshot: { readonly kernels: readonly KernelSnapshot[] }) =>
      snapshot.kernels.find((kernel) => kernel.id === id && wished(kernel));
    const kernel = found(await of.when((snapshot) => found(snapshot) !== undefined));
    assert.ok(kernel);
    return kernel;
  };
  /** Asks a keeper that was just killed, which its client starts again. */
  const whenKept = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const answers: Answer[] = [];
    const asked = async (): Promise<boolean> => {
      try {
        answers.push(await ask());
        return true;
      } catch (error) {
        if (SitespanError.is(error, 'keeper-unreachable')) return false;
        throw error;
      }
    };
    await until(asked, { timeoutMs: 60_000, everyMs: 100, what: 'The next keeper' });
    const [answer] = answers;
    assert.ok(answer);
    return answer;
  };
  /** Runs cells in a kernel one after the other. @returns what each has shown */
  const shown = async (kernel: KernelSnapshot, ...sources: string[]): Promise<string[]> => {
    const client = await KernelClient.of(kernel.folder);
    try {
      await client.answers();
      const { offset } = await client.state();
      const stamp = process.hrtime.bigint();
      const cells = sources.map((source, index) => ({ id: `${stamp}-${index}`, source }));
      await client.cells(cells);
      const record = new KernelRecord(offset);
      const isOver = () =>
        cells.every(({ id }) => ['done', 'failed', 'skipped'].includes(record.cell(id)?.status ?? 'queued'));
      for await (const chunk of client.follow(offset, AbortSignal.timeout(120_000))) {
        record.feed(chunk);
        if (isOver()) break;
      }
      return cells.map(({ id }) => outputText(record.cell(id)?.outputs ?? []));
    } finally {
      client.dispose();
    }
  };

  it("run the example's notebook as it is, and the user's own LocalCluster in the same kernel", async function () {
    this.timeout(400_000);
    const kernel = await start({
      cwd: example,
      variables: { AGC_DATA: work, AGC_RESULTS: join(work, 'results.json'), AGC_CHUNKSIZE: '5000' },
    });
    const before = (await rig.client.call(calls.clusterState, {})).total.events;
    const save = join(work, 'ttbar-executed.ipynb');
    const signal = AbortSignal.timeout(380_000);
    await runNotebook(rig.client, { kernel: kernel.id, path: join(example, 'ttbar.ipynb'), save, signal });
    const results = JSON.parse(await readFile(join(work, 'results.json'), 'utf8'));
    assert.ok(results.fit.ttbar_norm > 0);
    const after = await rig.when(({ total }) => total.events > before);
    assert.ok(after.total.events - before > 0, 'it did not run on the cluster');
    const executed = parseNotebook(await readFile(save, 'utf8'), save);
    assert.ok(executed.every(({ count }) => count !== undefined));
    const [said] = await shown(kernel, ownCluster);
    assert.match(said ?? '', /^own cluster tcp ours relay:\/\/scheduler:8786$/m);
    await rig.client.call(calls.shutdownKernel, { kernel: kernel.id });
  });

  it("are the cluster at coffea-casa's address where that was switched on, and only there", async () => {
    const on = await start({ coffeaCasa: true });
    const [said] = await shown(on, coffeaCasa);
    assert.match(said ?? '', /^workers 2 11$/m);
    const off = await start();
    const [refused] = await shown(
      off,
      coffeaCasa
        .replace('client.run', 'assert not client.run')
        .replace('Client("tls://localhost:8786")', 'Client("tls://localhost:8786", timeout=2)'),
    );
    assert.match(refused ?? '', /Error/);
    for (const { id } of [on, off]) await rig.client.call(calls.shutdownKernel, { kernel: id });
  });

  it('belong to a notebook: whoever asks for it gets the same, also from the next keeper, until it has ended', async () => {
    const notebook = `file://${work}/n.ipynb`;
    const first = await start({ notebook: 'untitled:n.ipynb' });
    assert.deepEqual(await shown(first, 'remembered = 7'), ['']);
    await rig.client.call(calls.assignKernel, { kernel: first.id, notebook });
    await rig.kill('keeper');
    const again = await whenKept(() => start({ notebook }));
    assert.deepEqual([again.id, again.notebook, again.cwd], [first.id, notebook, work]);
    assert.deepEqual(await shown(again, 'print(remembered)'), ['7\n']);

    await rig.client.call(calls.restartKernel, { kernel: again.id });
    assert.match((await shown(again, 'remembered'))[0] ?? '', /NameError/);

    await rig.client.call(calls.shutdownKernel, { kernel: again.id });
    const ended = await kernelWhen(again.id, ({ phase }) => phase === 'dead');
    assert.deepEqual([ended.problem, ended.ended], [undefined, 'its owner shut it down']);
    const next = await start({ notebook });
    assert.notEqual(next.id, first.id);

    await rig.client.call(calls.restartKernel, { kernel: first.id });
    assert.deepEqual(await shown(first, 'print("back")'), ['back\n']);
    for (const { id } of [next, first]) await rig.client.call(calls.shutdownKernel, { kernel: id });
  });

  it('end when they have had nothing to do and nobody looked, and not while somebody does', async () => {
    const brief = await ClusterRig.make({ name: 'brief', limits: { kernelIdleMinutes: 0.05 } });
    const [watched, left] = [await start({}, brief), await start({}, brief)];
    const client = await KernelClient.of(watched.folder);
    const looking = new AbortController();
    const follow = (async () => {
      for await (const _ of client.follow(0, looking.signal));
    })().catch(() => undefined);
    try {
      const { ended, problem } = await kernelWhen(left.id, ({ phase }) => phase === 'dead', brief);
      assert.match(ended ?? '', /nothing to do for 0.05 minutes/);
      assert.equal(problem, undefined);
      const { python, lastActivity } = await kernelWhen(watched.id, ({ phase }) => phase === 'idle', brief);
      assert.match(python?.version ?? '', /^3\./);
      assert.ok((lastActivity ?? 0) > 0);
      // It has had nothing to do for longer than the limit.
      await until(() => Date.now() / 1000 - (lastActivity ?? 0) > 6, { timeoutMs: 30_000, what: 'time to pass' });
      assert.equal((await client.state()).kernel, 'idle');
      looking.abort(new Error('enough'));
      await follow;
      await kernelWhen(watched.id, ({ phase }) => phase === 'dead', brief);
    } finally {
      looking.abort();
      client.dispose();
      await brief.close();
    }
  });
});
