import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { socketPath } from '../../../src/base/runtimePaths.js';
import { until } from '../../../src/base/waiting.js';
import { KernelClient } from '../../../src/keeper/kernelClient.js';
import { LiveRuns } from '../../../src/notebook/liveRuns.js';
import { outputText } from '../../../src/notebook/outputText.js';
import { KernelRecord } from '../../../src/notebook/record.js';
import { scratchHome } from '../keeper/scratchHome.js';

const recorded = readFileSync(join(import.meta.dirname, 'fixtures', 'record.jsonl'));

describe('LiveRuns', () => {
  const home = scratchHome();
  let folder: string;
  let kernel: KernelClient;
  let server: Server | undefined;
  let live: LiveRuns | undefined;
  let record: string;
  let cells: Record<string, object>;

  beforeEach(async () => {
    folder = join(home(), 'k1');
    await mkdir(folder, { recursive: true });
    kernel = await KernelClient.of(folder);
    record = '';
    cells = {};
  });
  afterEach(async () => {
    live?.dispose();
    kernel.dispose();
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    server = undefined;
  });

  /** A host whose record is `record`, which may grow. */
  const serve = async (): Promise<void> => {
    const path = await socketPath(folder);
    await mkdir(dirname(path), { recursive: true });
    server = createServer(async (request, response) => {
      const url = new URL(request.url ?? '', 'http://kernel');
      if (url.pathname === '/v1/state') {
        const state = { kernel: 'idle', queue: [], cells, input: null, notebooks: {}, offset: record.length };
        response.end(JSON.stringify(state));
        return;
      }
      const offset = Number(url.searchParams.get('offset'));
      while (record.length <= offset && !response.destroyed) await setImmediate();
      response.end(record.slice(offset));
    }).listen(path);
    await new Promise((resolve) => server?.on('listening', resolve));
  };
  const follow = (from?: number): LiveRuns => {
    const failed = (error: unknown): void => {
      throw error;
    };
    live = new LiveRuns(kernel, { onListenerError: failed, batchMs: 50, ...(from === undefined ? {} : { from }) });
    return live;
  };
  const line = (more: object, cell: string | null = 'a'): string => `${JSON.stringify({ t: 1, cell, ...more })}\n`;
  const event = (name: string, more: object = {}, cell: string | null = 'a'): string =>
    line({ type: 'host', event: name, ...more }, cell);
  const stream = (text: string, cell = 'a'): string =>
    line({ type: 'stream', content: { name: 'stdout', text } }, cell);
  const place = { id: 'c1', index: 3, hash: 'h' };
  const shown = (of: LiveRuns, id: string): string => outputText(of.cell(id)?.outputs ?? []);

  it('knows all that a kernel has said before, also of one that has ended', async () => {
    await writeFile(join(folder, 'record.jsonl'), recorded);
    await writeFile(join(folder, 'exit'), '0\n');
    const runs = follow();
    await runs.ready();
    const whole = new KernelRecord();
    whole.feed(recorded);
    assert.deepEqual(runs.cells, whole.cells);
    await until(() => runs.over, { timeoutMs: 5000, what: 'the end' });
    assert.equal(runs.problem, undefined);
    assert.equal(runs.phase, 'ended');
  });

  it('tells which cell of which document each is, and shows what comes while it comes', async () => {
    record = event('cell-queued', { document: 'file:///n.ipynb', place }) + event('cell-started', { t: 5 });
    await serve();
    const runs = follow();
    await runs.ready();
    const { document, place: where, status, startedAt } = runs.cell('a') ?? {};
    assert.deepEqual(
      { document, where, status, startedAt },
      { document: 'file:///n.ipynb', where: place, status: 'running', startedAt: 5000 },
    );
    record += stream('1\n');
    await until(() => shown(runs, 'a') === '1\n', { timeoutMs: 5000, what: 'the output' });
    record += event('cell-ended', { t: 7, status: 'done' }) + event('cells-seen', { cells: ['a'] }, null);
    await until(() => runs.cell('a')?.seen === true, { timeoutMs: 5000, what: 'the end' });
    assert.equal(runs.cell('a')?.endedAt, 7000);
  });

  it('is one event for what comes at once, and none for nothing', async () => {
    record = event('cell-queued');
    await serve();
    const runs = follow();
    await runs.ready();
    let events = 0;
    runs.onDidChange(() => events++);
    for (let n = 0; n < 40; n++) {
      record += stream(`${n}\n`);
      await setImmediate();
    }
    await until(() => shown(runs, 'a').endsWith('39\n') && events > 0, { timeoutMs: 5000, what: 'the output' });
    assert.ok(events <= 5, `${events} events`);
  });

  it('gives the same objects for what has not changed', async () => {
    record =
      event('cell-queued', {}, 'b') + event('cell-queued') + stream('x') + line({ type: 'error', content: error });
    await serve();
    const runs = follow();
    await runs.ready();
    const [b, a] = runs.cells;
    record += stream('y');
    await until(() => runs.cell('a')?.outputs.length === 3, { timeoutMs: 5000, what: 'the output' });
    assert.equal(runs.cells[0], b);
    assert.notEqual(runs.cells[1], a);
    assert.deepEqual(runs.cell('a')?.outputs.slice(0, 2), a?.outputs);
    assert.equal(runs.cell('a')?.outputs[0], a?.outputs[0]);
    assert.ok((runs.cell('a')?.outputsVersion ?? 0) > (a?.outputsVersion ?? 0));
  });

  it('carries an update into the display of another cell', async () => {
    const display = (text: string, type: string) =>
      line({ type, content: { data: { 'text/plain': text }, metadata: {}, transient: { display_id: 'd' } } });
    record = event('cell-queued', {}, 'b') + event('cell-queued') + display('old', 'display_data');
    await serve();
    const runs = follow();
    await runs.ready();
    const before = runs.cell('a');
    record += display('new', 'update_display_data').replace('"cell":"a"', '"cell":"b"');
    await until(() => shown(runs, 'a') === 'new', { timeoutMs: 5000, what: 'the update' });
    assert.notEqual(runs.cell('a'), before);
  });

  it('reads of a long record only what no saved document holds', async () => {
    const old = event('cell-queued', {}, 'old') + stream(`${'x'.repeat(999_990)}\n`, 'old').repeat(9);
    record = old + event('cell-queued', { document: 'd' }) + stream('new');
    cells = {
      old: { status: 'done', seen: true, offset: 0 },
      a: { status: 'running', seen: false, offset: old.length },
    };
    await serve();
    const runs = follow();
    await runs.ready();
    assert.deepEqual(
      runs.cells.map(({ id }) => id),
      ['a'],
    );
    assert.equal(runs.offset, record.length);
  });

  it('gives up what a host that was killed had still to run', async () => {
    const text = event('cell-queued') + event('cell-started') + event('cell-queued', {}, 'b') + stream('half', 'a');
    await writeFile(join(folder, 'record.jsonl'), text);
    await writeFile(join(folder, 'exit'), '137\n');
    const runs = follow();
    await until(() => runs.over, { timeoutMs: 5000, what: 'the end' });
    assert.deepEqual(
      runs.cells.map(({ status }) => status),
      ['failed', 'skipped'],
    );
  });

  it('takes a hundred thousand lines, printed one by one', async function () {
    this.timeout(30_000);
    record = event('cell-queued');
    await serve();
    const runs = follow();
    await runs.ready();
    // Joining it anew for each line would take minutes.
    record += Array.from({ length: 100_000 }, (_, n) => stream(`${n}\n`)).join('');
    await until(() => shown(runs, 'a').endsWith('99999\n'), { timeoutMs: 25_000, everyMs: 100, what: 'the output' });
    assert.equal(shown(runs, 'a').split('\n').length, 100_001);
  });
});

const error = { ename: 'E', evalue: 'e', traceback: [] };
