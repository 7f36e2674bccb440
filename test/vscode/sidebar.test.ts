import assert from 'node:assert/strict';
import { until } from '../../src/base/waiting.js';
import { calls } from '../../src/keeper/api.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

const longMs = 60_000;

/** A real cluster over two sites, as a person sees it. */
describe('The sidebar', () => {
  let home: Home;
  let cluster: ClusterRig;
  let code: VsCode;
  let window: VsCodeWindow;
  before(async () => {
    home = await Home.make();
    cluster = await ClusterRig.make({
      name: 'ttbar',
      localSites: ['north', 'south'].map((name) => ({ name, slots: 3, enter: [] })),
    });
    await cluster.addPool(2);
    code = await openVsCode({ home, size: { width: 1200, height: 900 } });
    window = code.window;
    await window.openView('Sitespan');
  });
  after(async () => {
    try {
      await code?.close();
      await cluster?.close();
    } finally {
      await home?.remove();
    }
  });

  /** What a screen reader hears of a row. */
  const spoken = (text: string | RegExp): Promise<string> =>
    window.row(text).first().getAttribute('aria-label').then(String);
  const says = (text: string | RegExp, words: RegExp): Promise<void> =>
    until(async () => words.test(await spoken(text).catch(() => '')), {
      ...{ timeoutMs: longMs, everyMs: 200, what: `The row ${text} saying ${words}` },
    });

  it('shows the cluster with its numbers, to eyes and to ears', async () => {
    await window.row('ttbar').first().waitFor();
    await says('ttbar', /^Cluster ttbar, 2\/2 workers/);
    assert.match(await window.row('ttbar').first().innerText(), /ttbar\s*2\/2/);
  });

  it('opens a pool to its workers, each with its site and state', async () => {
    await window.expand('main', 'main-1');
    await says('main-1', /^Worker main-1 at (north|south): takes tasks/);
    await says('main-2', /^Worker main-2 at (north|south): takes tasks/);
    const hover = await window.hover(window.row('main-1'));
    assert.match(hover, /Site\s+(north|south)/);
    assert.match(hover, /Job/);
  });

  it('has what can be done with a row in its menu, and scales from it', async () => {
    const pool = window.row(/^main\s*2\/2/);
    await pool.first().click({ button: 'right' });
    for (const entry of [
      'Scale Workers',
      'Scale Workers at This Site',
      'Set Adaptive Scaling',
      'Why Is It Not Here?',
    ]) {
      await window.menuEntry(entry).waitFor();
    }
    assert.equal(await window.menuEntry('Kill Worker').count(), 0);
    await window.takeMenuEntry('Scale Workers');
    await window.quickInput.answer('3');
    await cluster.settled(3);
    await says(/^main\s*3\/3/, /^Pool main, 3\/3 workers/);
    await window.row('main-3').first().waitFor();
    await window.statusBarItem('ttbar 3/3').waitFor();
  });

  it('says that the workers are ready, once', async () => {
    await window.notification('All 3 workers of ttbar are ready.');
    const said = (await window.notifications()).filter((text) => text.includes('ready'));
    assert.deepEqual(said, ['All 3 workers of ttbar are ready.']);
    await window.clearNotifications();
  });

  it('opens by keyboard alone, and Enter on a worker tells why it is or is not here', async () => {
    await window.runCommand('Sitespan: Focus on Clusters View');
    const { keyboard } = window.page;
    await keyboard.press('Home');
    await keyboard.press('ArrowRight');
    await until(
      async () => {
        const focused = await window.page
          .locator('.sidebar .monaco-list-row.focused')
          .first()
          .getAttribute('aria-label');
        if (/^Worker main-1/.test(focused ?? '')) return true;
        await keyboard.press('ArrowDown');
        return false;
      },
      { timeoutMs: longMs, everyMs: 150, what: 'The worker in focus' },
    );
    await keyboard.press('Enter');
    await until(async () => /main-1 is here/.test(await window.editorText().catch(() => '')), {
      ...{ timeoutMs: longMs, everyMs: 200, what: 'The document' },
    });
    assert.match(await window.editorText(), /What has happened/);
  });

  it('drains one worker, and its pool is one smaller', async () => {
    await window.contextMenu(window.row('main-3'), 'Drain Worker');
    await cluster.settled(2);
    await says(/^main\s*2\/2/, /^Pool main, 2\/2 workers/);
    await until(async () => (await window.row('main-3').count()) === 0, { timeoutMs: longMs, what: 'Its going' });
  });

  it('shows a worker that was lost, with why, while its pool gets another', async () => {
    await cluster.client.call(calls.killWorker, { worker: 'main-1' });
    await window.row('Recently lost').first().waitFor();
    await window.expand('Recently lost', /main-1.*was lost/);
    await cluster.settled(2);
  });

  it('shows the sites with their slots and jobs, and what a probe has found', async () => {
    await says(/^north/, /^Site north, 3 slots, \d workers?/);
    await says(/^south/, /^Site south, 3 slots, \d workers?/);
    await window.inlineAction(window.row(/^north/), 'Probe Sites');
    await says(/^north/, /probed: fit$/);
    // The card that was open before the row changed may still be there.
    const found = /north can run workers: .* has Python 3\./;
    await until(async () => found.test(await window.hover(window.row(/^north/))), {
      ...{ timeoutMs: longMs, everyMs: 500, what: 'What the probe has found' },
    });
  });

  for (const theme of ['Light Modern', 'Dark Modern', 'Dark High Contrast']) {
    it(`can be looked at in ${theme}`, async () => {
      await window.runCommand('Preferences: Color Theme');
      await window.quickInput.fill(theme);
      await window.quickInput.pick(theme);
      await window.openView('Sitespan');
      await window.row('ttbar').first().waitFor();
      await window.screenshot(`sidebar ${theme}`);
    });
  }

  it('is empty again, with the way to a new cluster, when the cluster has been closed', async () => {
    await cluster.client.call(calls.closeCluster, {});
    await until(async () => (await window.row(/^ttbar/).count()) === 0, { timeoutMs: longMs, what: 'Its end' });
    await window.statusBarItem('Sitespan').waitFor();
  });

  it('has left no warning in the log of the extension host', async () => {
    const hosts = (await code.logs()).split(/^── /m).filter((file) => /^\S*exthost/.test(file));
    assert.notEqual(hosts.length, 0);
    const lines = hosts
      .flatMap((file) => file.split('\n'))
      .filter((line) => /\[(warning|error)\].*sitespan/i.test(line));
    assert.deepEqual(lines, []);
  });
});
