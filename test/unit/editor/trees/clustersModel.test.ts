import assert from 'node:assert/strict';
import { SitespanError } from '../../../../src/base/errors.js';
import { until } from '../../../../src/base/waiting.js';
import { ClustersModel } from '../../../../src/editor/trees/clustersModel.js';
import { idOf, type TreeNode } from '../../../../src/editor/trees/nodes.js';
import { commands } from '../../../../src/ids.js';
import { calls, type WorkerSnapshot } from '../../../../src/keeper/api.js';
import type { RunSummary } from '../../../../src/keeper/runFiles.js';
import { snapshotWith } from '../../keeper/snapshots.js';
import { type FakeLink, fakeFleet } from '../fakeFleet.js';
import { KnownProxies, proxyWith } from '../proxy/knownProxies.js';

function worker(n: number, changes: Partial<WorkerSnapshot> = {}): WorkerSnapshot {
  const there = { site: 'north', job: String(n), phase: 'working', since: 1, evidence: 'registered' } as const;
  return { name: `main-${n}`, ...there, ...changes };
}
const pool: TreeNode = { kind: 'pool', cluster: 'ttbar', pool: 'main' };
const cluster: TreeNode = { kind: 'cluster', cluster: 'ttbar' };

describe('ClustersModel', () => {
  const made = fakeFleet();
  let model: ClustersModel<FakeLink>;
  let runs: RunSummary[];
  let proxies: KnownProxies;
  beforeEach(() => {
    runs = [];
    proxies = new KnownProxies();
    model = new ClustersModel(
      made().fleet,
      proxies,
      async () => runs,
      (error) => assert.fail(String(error)),
    );
  });
  afterEach(() => model.dispose());
  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 5, what });
  async function ttbar(...workers: WorkerSnapshot[]): Promise<FakeLink> {
    const link = made().source.add('ttbar');
    const working = workers.filter(({ phase }) => phase === 'working').length;
    const total = { ...snapshotWith().total, eventsPerSecond: 1_200_000 };
    const pools = [{ name: 'main', sites: ['north', 'south'], desired: working, lives: { working } }];
    link.become({ name: 'ttbar', pools, total });
    link.answers.set(calls.listWorkers.path, workers);
    await made().fleet.look();
    await soon('The cluster', () => made().fleet.cluster('ttbar')?.link === 'connected');
    return link;
  }
  const kinds = (node?: TreeNode): string[] => model.children(node).map(({ kind }) => kind);

  it('says of a cluster how many of its workers work and how fast, to eyes and to ears', async () => {
    await ttbar(worker(1), worker(2));
    const row = model.row(cluster);
    assert.deepEqual([row.label, row.description], ['ttbar', '2/2 · 1.2 MHz']);
    assert.equal(row.spoken, 'Cluster ttbar, 2/2 workers, 1.2 MHz');
    assert.deepEqual(row.flags, ['cluster', 'running', 'closable', 'scalable', 'dashboard']);
  });

  it('says of a cluster that its proxy ends, in a row that renews it, unless the cluster says so itself', async () => {
    const link = await ttbar(worker(1));
    proxies.become(proxyWith({ clusters: ['ttbar'] }, { minutes: 90 }));
    assert.match(model.row(cluster).spoken, /The proxy \/tmp\/x509up_u7 ends at /);
    assert.deepEqual([model.row(cluster).icon.id, kinds(cluster)], ['warning', ['trouble', 'pool']]);
    const [said] = model.children(cluster);
    const { command, arguments: args } = (said && model.row(said).action) ?? {};
    assert.deepEqual([command, args], [commands.renewProxy, [{ proxy: '/tmp/x509up_u7' }]]);
    proxies.become(proxyWith({ clusters: ['ttbar'] }, { minutes: -1 }));
    assert.equal(model.row(cluster).icon.id, 'error');
    link.become({ problems: [{ code: 'proxy-expired', message: 'DIRAC says so.' }] });
    assert.deepEqual(kinds(cluster), ['trouble', 'pool']);
    assert.match(model.row(cluster).spoken, /DIRAC says so/);
    proxies.become(proxyWith({ clusters: ['wjets'] }, { minutes: -1 }));
    link.become({ problems: [] });
    assert.deepEqual(kinds(cluster), ['pool']);
  });

  it('has a cluster its troubles, pools and kernels', async () => {
    const link = await ttbar(worker(1));
    assert.deepEqual(kinds(cluster), ['pool']);
    const cells = { queued: 2, running: 1, done: 3, failed: 0, skipped: 0 };
    const kernels = [{ id: 'k1', folder: '/k1', phase: 'busy' as const, cells, notebook: '/home/me/ttbar.ipynb' }];
    link.become({ kernels, problems: [{ code: 'pool-stopped', message: 'Pool main lost 3 workers.' }] });
    assert.deepEqual(kinds(cluster), ['trouble', 'pool', 'kernels']);
    const [trouble] = model.children(cluster);
    assert.ok(trouble);
    const row = model.row(trouble);
    assert.deepEqual(
      [row.label, row.action?.command, row.action?.arguments],
      ['Pool main lost 3 workers.', commands.whyWorker, [{ kind: 'cluster', cluster: 'ttbar' }]],
    );
    const [kernel] = model.children({ kind: 'kernels', cluster: 'ttbar' });
    assert.ok(kernel);
    assert.equal(model.row(kernel).spoken, 'Kernel ttbar.ipynb, busy, 2 cells wait');
  });

  it('knows workers when a pool is opened, and asks for them no more when it is closed', async () => {
    const link = await ttbar(worker(1), worker(2, { phase: 'waiting', site: 'south', evidence: 'Waiting' }));
    assert.deepEqual([kinds(pool), link.asked.length], [[], 0]);
    await model.opened(pool);
    const rows = model.children(pool).map((node) => model.row(node));
    assert.deepEqual(
      rows.map(({ label, description, icon }) => [label, description, icon.id]),
      [
        ['main-1', 'north · takes tasks', 'pass'],
        ['main-2', 'south · waits for a slot', 'watch'],
      ],
    );
    assert.deepEqual(rows[0]?.flags, ['worker', 'drainable', 'killable', 'logged']);
    assert.equal(rows[0]?.action?.command, commands.whyWorker);
    const asked = link.asked.length;
    model.closed(cluster);
    link.become({});
    link.become({});
    await model.opened(pool);
    assert.equal(link.asked.length, asked + 1);
  });

  it('shows those that were lost apart, the last one first, with why', async () => {
    const lost = (n: number, evidence: string): WorkerSnapshot => worker(n, { phase: 'ended', evidence });
    await ttbar(worker(1), lost(2, 'Exited with 1'), lost(3, 'its walltime was over'));
    await model.opened(pool);
    assert.deepEqual(kinds(pool), ['worker', 'lost']);
    const rows = model.children({ kind: 'lost', cluster: 'ttbar', pool: 'main' }).map((node) => model.row(node));
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['main-3', 'north · was lost: its walltime was over'],
        ['main-2', 'north · was lost: Exited with 1'],
      ],
    );
    assert.deepEqual(rows[0]?.flags, ['worker', 'logged']);
  });

  it('has a large pool in chunks, so that no row has more than a hundred under it', async () => {
    await ttbar(...Array.from({ length: 1000 }, (_, index) => worker(index + 1)));
    await model.opened(pool);
    const chunks = model.children(pool);
    assert.deepEqual([chunks.length, chunks[0]?.kind], [10, 'chunk']);
    const [, second] = chunks;
    assert.ok(second);
    assert.equal(model.row(second).spoken, 'Workers 101 to 200, 100 work');
    const inside = model.children(second);
    assert.deepEqual([inside.length, inside[0]], [100, { ...pool, kind: 'worker', worker: 'main-101' }]);
    assert.equal(new Set(chunks.flatMap((chunk) => model.children(chunk)).map(idOf)).size, 1000);
  });

  it('shows one that cannot be reached with why, and what helps', async () => {
    const { fleet, source } = made();
    source.refusals.set('broken', new SitespanError('cluster-damaged', 'Its settings cannot be read.'));
    await fleet.look();
    await soon('The refusal', () => fleet.cluster('broken')?.link === 'failed');
    const [node] = model.children();
    assert.ok(node);
    assert.deepEqual(
      [model.row(node).description, model.row(node).flags, model.row(node).icon.id],
      ['not reached', ['cluster'], 'error'],
    );
    const [trouble] = model.children(node);
    assert.ok(trouble);
    assert.deepEqual(model.row(trouble).spoken, 'Error: Its settings cannot be read. Run Doctor');
  });

  it('shows why the clusters of this computer cannot be looked for', async () => {
    const { fleet, source } = made();
    source.failure = new SitespanError('disk-read-only', 'The disk is read-only.');
    await assert.rejects(fleet.look());
    assert.deepEqual(kinds(), ['trouble']);
  });

  it('shows runs that were kept, and looks for more when a cluster has ended', async () => {
    const link = await ttbar(worker(1));
    assert.deepEqual(kinds(), ['cluster']);
    const again = { events: 0, bytes: 0 };
    const expected = { files: 3, filesExpected: null, filesLeft: null, etaSeconds: null };
    const totals = { events: 1234, bytes: 5e6, again, eventsPerSecond: 0, bytesPerSecond: 0, ...expected };
    runs = [{ id: 'ttbar-1a2b3c', name: 'ttbar', begunAt: 0, endedAt: 9, totals }];
    link.ended = true;
    made().source.remove('ttbar');
    link.become({ phase: 'closing' });
    await soon('The run', () => kinds()[0] === 'runs');
    const [run] = model.children({ kind: 'runs' });
    assert.ok(run);
    assert.deepEqual(
      [model.row(run).description, model.row(run).action?.arguments],
      ['1970-01-01 00:00 · 1,234 events', [{ kind: 'run', run: 'ttbar-1a2b3c' }]],
    );
  });
});
