import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { sleep, until } from '../../src/base/waiting.js';
import { readRun } from '../../src/keeper/runFiles.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';

/** Forty tasks, each with a file of 1000 events, as a reading library would count them. */
const analysis = `
import time
from dask.distributed import Client
import sitespan

def read(chunk):
    from sitespan.counters import current_tally
    time.sleep(0.05)
    tally = current_tally()
    tally.add_bytes(2400)
    tally.add_sample("ttbar", events=1000, nbytes=2400, files=1, seconds=0.05)
    return chunk

with Client() as client:
    sitespan.expect(files=50)
    result = len(client.gather(client.map(read, range(40))))
`;
const patience = { timeoutMs: 60_000, everyMs: 100 };

describe('The throughput tab in VS Code', () => {
  let home: Home;
  let cluster: ClusterRig;
  let code: VsCode;
  let received: () => number;
  before(async () => {
    home = await Home.make();
    cluster = await ClusterRig.make();
    await cluster.addPool(2);
    code = await openVsCode({ home });
    await writeFile(join(code.workspace ?? '', 'plain.py'), 'print("plain")\n');
    received = snapshotsIn(code.page);
    // VS Code's connections are seen only from their beginning on.
    await code.reload();
  });
  after(async () => {
    await code?.close();
    await cluster?.close();
    await home?.remove();
  });

  const page = (): Promise<Frame> => code.window.webview('#page');
  async function value(term: string): Promise<string> {
    const frame = await page();
    const pair = frame.locator('.totals > div', { has: frame.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
    return (await pair.locator('dd').textContent()) ?? '';
  }
  const says = (term: string, wanted: string): Promise<void> =>
    until(async () => (await value(term).catch(() => '')) === wanted, { ...patience, what: `${term}: ${wanted}` });

  it('opens on a cluster that has done nothing, and says so', async () => {
    await code.window.runCommand('Sitespan: Show Throughput');
    const frame = await page();
    await frame.getByText('Nothing has been processed on this cluster yet.').waitFor();
    await frame.getByRole('button', { name: 'Run Notebook on Cluster' }).waitFor();
    await frame.locator('[role="grid"] .body [role="row"]').nth(1).waitFor();
  });

  it('shows just what the analysis counted, and what is left of it', async () => {
    assert.equal(await cluster.run(analysis), 40);
    await says('Events', '40,000');
    await says('Files', '40 of 50');
    await says('Files left', '10');
    assert.equal(cluster.client.snapshot?.total.events, 40_000);
    const frame = await page();
    assert.equal(await frame.locator('.legend button').count(), 2);
    await until(async () => /Cells: 1\./.test((await frame.locator('.marks').textContent()) ?? ''), {
      ...{ ...patience, what: 'The cell' },
    });
    assert.match((await frame.locator('.marks').textContent()) ?? '', /2 joined, 0 lost, 0 let go/);
    await code.window.screenshot('throughput in VS Code');
  });

  it('is sent nothing while it is hidden, and shows everything when it is shown again', async () => {
    const before = received();
    await until(() => received() > before, { ...patience, what: 'A snapshot of what is shown' });
    await code.window.openFile('plain.py');
    await code.window.editorTab('plain.py').waitFor();
    // What was on its way has come.
    await sleep(1000);
    const hidden = received();
    await sleep(3000);
    assert.equal(received(), hidden);
    await code.window.editorTab('Throughput').click();
    await says('Events', '40,000');
    assert.ok(received() > hidden);
  });

  it('comes back after a reload, as it was', async () => {
    await code.reload();
    await says('Events', '40,000');
    await says('Files left', '10');
  });

  it('keeps what was seen when the cluster has ended, and opens its run', async () => {
    const id = cluster.client.snapshot?.id ?? '';
    await cluster.close();
    const frame = await page();
    await frame.getByRole('button', { name: 'Show Its Run' }).click();
    await until(async () => (await value('Now').catch(() => '')) === '–', { ...patience, what: 'The run' });
    await says('Events', '40,000');
    const run = await readRun(id);
    assert.deepEqual([run.totals.events, run.totals.files, run.rows.length, run.cells.length], [40_000, 40, 2, 1]);
    assert.equal(run.workers.length, 2);
  });
});

/** How many snapshots have come over the connections that a page has with VS Code. */
function snapshotsIn(page: Page): () => number {
  let count = 0;
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('filesExpected')) count++;
    });
  });
  return () => count;
}
