import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import type { CellRequest } from '../../../src/keeper/kernelClient.js';
import { LiveRuns } from '../../../src/notebook/liveRuns.js';
import { parseNotebook } from '../../../src/notebook/notebook.js';
import { outputText } from '../../../src/notebook/outputText.js';
import { KernelRecord, type RecordedCell } from '../../../src/notebook/record.js';
import { Home } from '../../rigs/cluster/clusterRig.js';
import { RealKernel } from '../../rigs/kernels/realKernel.js';
import { writeNotebook } from '../../rigs/terminal/notebooks.js';

const document = 'file:///n.ipynb';

describe('LiveRuns of a real kernel', () => {
  let home: Home;
  let kernel: RealKernel;
  let windows: LiveRuns[] = [];

  before(async function () {
    this.timeout(120_000);
    home = await Home.make();
    kernel = await RealKernel.start(home.folder);
  });
  after(async () => {
    await kernel?.end();
    await home?.remove();
  });
  afterEach(() => {
    for (const window of windows) window.dispose();
    windows = [];
  });

  /** What a window has that was just opened. */
  const look = async (): Promise<LiveRuns> => {
    const failed = (error: unknown): void => {
      throw error;
    };
    const runs = new LiveRuns(kernel.client, { onListenerError: failed, batchMs: 20 });
    windows.push(runs);
    await runs.ready();
    return runs;
  };
  let asked = 0;
  const cell = (source: string, index = 0): CellRequest => ({
    id: `run-${++asked}`,
    source,
    document,
    cell: { id: `c${index}`, index, hash: 'h' },
  });
  const text = (of: RecordedCell | undefined): string => outputText(of?.outputs ?? []);
  const when = (runs: LiveRuns, id: string, wished: (cell: RecordedCell) => boolean): Promise<void> =>
    until(() => [runs.cell(id)].some((one) => one !== undefined && wished(one)), {
      timeoutMs: 60_000,
      what: `Cell ${id} as wished (${text(runs.cell(id)).slice(-200)})`,
    });
  const isOver = ({ status }: RecordedCell): boolean => status !== 'queued' && status !== 'running';

  it('a window that is opened in mid-cell knows the cell, its times, all it has printed, and what waits', async () => {
    const first = await look();
    const long = cell('for i in range(1, 4): print(i, flush=True)\nprint(input("Go on? "))', 4);
    const next = cell('6 * 7', 5);
    await kernel.client.cells([long, next]);
    await when(first, long.id, ({ prompt }) => prompt !== undefined);
    first.dispose();
    const second = await look();
    const found = second.cell(long.id);
    assert.equal(text(found), '1\n2\n3\n');
    assert.deepEqual(
      [found?.status, found?.document, found?.place, found?.prompt],
      ['running', document, { id: 'c4', index: 4, hash: 'h' }, { text: 'Go on? ', password: false }],
    );
    assert.ok(Math.abs((found?.startedAt ?? 0) - Date.now()) < 60_000);
    assert.equal(second.cell(next.id)?.status, 'queued');
    await kernel.client.input('yes');
    await when(second, next.id, isOver);
    assert.equal(text(second.cell(long.id)), '1\n2\n3\nyes\n');
    assert.deepEqual(second.cell(next.id)?.outputs, [
      {
        output_type: 'execute_result',
        data: { 'text/plain': '42' },
        metadata: {},
        execution_count: second.cell(next.id)?.count,
      },
    ]);
    await kernel.client.seen([long.id]);
    await when(second, long.id, ({ seen }) => seen);
    assert.equal((await look()).cell(next.id)?.seen, false);
  });

  it('asking twice is asking once, also by two windows that both look', async () => {
    const [one, other] = [await look(), await look()];
    const twice = cell('count = globals().get("count", 0) + 1\nprint(count)');
    await Promise.all([kernel.client.cells([twice]), kernel.client.cells([twice])]);
    for (const window of [one, other]) {
      await when(window, twice.id, isOver);
      assert.equal(text(window.cell(twice.id)), '1\n');
    }
  });

  it('shows what IPython displays, clears and updates, also across cells', async () => {
    const runs = await look();
    const shows = cell('from IPython.display import display, clear_output\nshown = display("old", display_id=True)');
    const clears = cell('print("gone")\nclear_output(wait=True)\nprint("stays")\nshown.update("new")');
    await kernel.client.cells([shows, clears]);
    await when(runs, clears.id, isOver);
    assert.deepEqual([text(runs.cell(shows.id)), text(runs.cell(clears.id))], ["'new'", 'stays\n']);
  });

  it('has all of a hundred thousand lines', async function () {
    this.timeout(120_000);
    const runs = await look();
    const floods = cell('for i in range(100_000): print(i)');
    await kernel.client.cells([floods]);
    await when(runs, floods.id, isOver);
    assert.equal(text(runs.cell(floods.id)), Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join(''));
  });

  it('the notebook that was executed can be made again from the record alone', async () => {
    const path = await writeNotebook(join(home.folder, 'n.ipynb'), {
      streams: 'import sys\nprint("out")\nprint("err", file=sys.stderr)',
      bar: 'for i in range(5): print(f"\\r{i} %", end="", flush=True)',
      display: 'h = display({"text/html": "<b>1</b>", "text/plain": "1"}, raw=True, display_id=True)',
      update: 'h.update({"text/html": "<b>2</b>", "text/plain": "2"}, raw=True)\n"value"',
      fails: '1/0',
      never: '1',
    });
    const save = join(home.folder, 'n-executed.ipynb');
    await kernel.client.notebook({ id: 'nb', path, save });
    const runs = await look();
    await when(runs, 'nb:never', isOver);
    const record = new KernelRecord();
    record.feed(await readFile(join(kernel.client.folder, 'record.jsonl')));
    const executed = parseNotebook(await readFile(save, 'utf8'), 'the executed notebook');
    assert.equal(executed.length, 6);
    assert.deepEqual(
      executed.map(({ id, count, outputs }) => ({ id: `nb:${id}`, count, outputs })),
      record.cells.filter(({ id }) => id.startsWith('nb:')).map(({ id, count, outputs }) => ({ id, count, outputs })),
    );
  });

  it('a restart gives up what runs and waits, and the same window goes on', async () => {
    const runs = await look();
    const long = cell('remembered = 1\nprint("on", flush=True)\nwhile True: pass');
    const waits = cell('1');
    await kernel.client.cells([long, waits]);
    await when(runs, long.id, (one) => text(one) !== '');
    assert.ok(((await kernel.when(({ phase }) => phase === 'busy')).runningSince ?? 0) > 0);
    await kernel.host.restart();
    const after = cell('print("remembered" in globals())');
    await kernel.client.cells([after]);
    await when(runs, after.id, isOver);
    assert.deepEqual(
      [long, waits, after].map(({ id }) => runs.cell(id)?.status),
      ['failed', 'skipped', 'done'],
    );
    assert.equal(text(runs.cell(after.id)), 'False\n');
    assert.equal(runs.phase, 'ready');
    assert.equal(runs.over, false);
  });

  it('completes and inspects in an idle kernel, and says when it has other things to do', async () => {
    const { client } = kernel;
    await client.cells([cell('luminosity = 140.1')]);
    const runs = await look();
    await when(runs, `run-${asked}`, isOver);
    const found = await client.complete('lumino', 6);
    assert.ok(found?.matches.includes('luminosity'));
    assert.match(JSON.stringify((await client.inspect('luminosity', 3, 0))?.data), /140\.1/);
    const waits = cell('input("? ")');
    await client.cells([waits]);
    await when(runs, waits.id, ({ prompt }) => prompt !== undefined);
    assert.equal(await client.complete('lumino', 6), undefined);
    assert.equal(await client.inspect('luminosity', 3, 0), undefined);
    await client.input('');
    await when(runs, waits.id, isOver);
  });

  it('knows what a host that was killed has left, and goes on when it is restarted', async () => {
    const runs = await look();
    const [long, waits] = [cell('print("on", flush=True)\nwhile True: pass'), cell('1')];
    await kernel.client.cells([long, waits]);
    await when(runs, long.id, (one) => text(one) !== '');
    await kernel.kill();
    assert.equal(kernel.host.snapshot.problem?.code, 'kernel-ended');
    await until(() => runs.over, { timeoutMs: 60_000, what: 'the end' });
    const statuses = (of: LiveRuns) => [long, waits].map(({ id }) => of.cell(id)?.status);
    assert.deepEqual(statuses(runs), ['failed', 'skipped']);
    await kernel.host.restart();
    const { python } = await kernel.when(({ phase }) => phase === 'idle');
    assert.match(python?.version ?? '', /^3\./);
    const fresh = await look();
    assert.deepEqual(statuses(fresh), ['failed', 'skipped']);
    const after = cell('print("again")');
    await kernel.client.cells([after]);
    await when(fresh, after.id, isOver);
    assert.equal(text(fresh.cell(after.id)), 'again\n');
  });
});
