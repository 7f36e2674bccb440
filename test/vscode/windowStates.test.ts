import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { stateOf } from '../../src/editor/states.js';
import { calls } from '../../src/keeper/api.js';
import { ClusterRig, Home, processesOf } from '../rigs/cluster/clusterRig.js';
import { SmallDisk } from '../rigs/nodes/smallDisk.js';
import { openVsCode, type VsCode, type VsCodeOptions } from '../rigs/vscode/openVsCode.js';

const longMs = 90_000;

/** What is so of a window and its computer, whichever clusters there are; docs/states.md. */
describe('States of a window', function () {
  this.timeout(240_000);
  let code: VsCode | undefined;
  afterEach(async () => {
    await code?.close();
    code = undefined;
  });

  const open = async (options: VsCodeOptions): Promise<VsCode> => {
    code = await openVsCode({ size: { width: 1300, height: 1000 }, ...options });
    await code.window.openView('Sitespan');
    return code;
  };
  const welcomes = async ({ page }: VsCode, sentence: string, label: string): Promise<void> => {
    const welcome = page.locator('.sidebar .welcome-view-content', { hasText: sentence });
    await welcome.first().waitFor({ timeout: longMs });
    await welcome.getByRole('button', { name: label }).first().waitFor();
  };

  it('of a workspace that is not trusted: nothing is started, what runs is shown', async () => {
    const home = await Home.make();
    let rig: ClusterRig | undefined;
    try {
      const opened = await open({ home, asksForTrust: true, settings: trust });
      const { window } = opened;
      const { sentence } = stateOf('untrusted');
      await welcomes(opened, sentence, 'Manage Trust');
      await window.statusBarItem('Sitespan').first().click();
      const said = await window.notification(sentence);
      await said.getByRole('button', { name: 'Manage Trust' }).waitFor();
      rig = await ClusterRig.make({ name: 'works' });
      await window.rowSays(/^works/, /^Cluster works, 0\/0 workers$/);
      await window.screenshot('states untrusted');
    } finally {
      await code?.close();
      code = undefined;
      await rig?.close();
      await home.remove();
    }
  });

  it('of a computer without a Python that is fit: where to choose one', async () => {
    const home = await Home.make();
    try {
      const empty = join(home.folder, 'empty');
      await mkdir(empty);
      const opened = await open({ home, env: { PATH: empty, HOME: empty } });
      const { window } = opened;
      await welcomes(opened, stateOf('no-cluster').sentence, 'New Cluster');
      await window.runCommand('Sitespan: Choose Environment');
      // The search is over when what can be written in place of the found is all there is.
      await window.quickInput.item('Another').first().waitFor();
      await until(async () => (await window.quickInput.items()).length > 0, { timeoutMs: longMs, what: 'The search' });
      await until(
        async () => {
          const text = await opened.page.locator('.sidebar .welcome-view-content').first().innerText();
          return text.includes(stateOf('no-environment').sentence);
        },
        { timeoutMs: longMs, everyMs: 200, what: 'The welcome of a computer without an environment' },
      );
      await window.quickInput.cancel();
      await welcomes(opened, stateOf('no-environment').sentence, 'Choose Environment');
      await window.screenshot('states no environment');
    } finally {
      await code?.close();
      code = undefined;
      await home.remove();
    }
  });

  it('of a disk that is full or read-only: what cannot be done, and that it passes', async () => {
    const home = await Home.make();
    const disk = new SmallDisk(32);
    let rig: ClusterRig | undefined;
    try {
      await symlink(disk.folder, join(home.folder, 'state'));
      rig = await ClusterRig.make({ name: 'small' });
      await rig.addPool(1);
      const { window, page } = await open({ home });
      await window.rowSays(/^small/, /^Cluster small, 1\/1 workers$/);
      await disk.fill();
      // A file's last block has room for some more lines.
      const taken = rig.client;
      await assert.rejects(async () => {
        for (let n = 0; n < 1000; n++) await taken.call(calls.scalePool, { pool: 'main', workers: 1 });
      });
      const [worker] = await rig.lives();
      await rig.client.call(calls.killWorker, { worker: worker?.name ?? '' });
      const words = /the disk of .* is full; make room there/;
      await window.rowSays(words, /^Error: .*Run Doctor$/s);
      await window.contextMenu(window.row(/^small/), 'Show Throughput');
      const panel = await window.webview('#page');
      await panel.getByText(words).first().waitFor();
      await panel.getByRole('button', { name: 'Run Doctor' }).waitFor();
      const item = page.locator('.statusbar-item [role="button"]', { hasText: 'small' });
      await until(async () => words.test((await item.first().getAttribute('aria-label')) ?? ''), {
        ...{ timeoutMs: longMs, everyMs: 200, what: 'The status bar' },
      });
      await window.screenshot('states disk full');
      await disk.free();
      await window.rowSays(/^small/, /^Cluster small, 1\/1 workers$/);
    } finally {
      await disk.free();
      await code?.close();
      code = undefined;
      await rig?.close();
      const left = processesOf(disk.folder);
      disk.dispose();
      await home.remove();
      assert.deepEqual(left, []);
    }
  });
});

/** It is not asked for at the start, and so is not given. */
const trust = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.emptyWindow': false,
};
