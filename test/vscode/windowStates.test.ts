import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type StateId, stateOf } from '../../src/editor/states.js';
import { Home } from '../rigs/cluster/clusterRig.js';
import { escaped } from '../rigs/vscode/keys.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import { StateFaces } from '../rigs/vscode/stateFaces.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

const patienceMs = 90_000;

/** Trust is not asked for at the start, and so is not given. */
const settings = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.emptyWindow': false,
};

/** What is so of a window and its computer, whichever clusters there are; docs/states.md. */
describe('States of a window', function () {
  this.timeout(240_000);
  let home: Home;
  let code: VsCode;
  let window: VsCodeWindow;
  let faces: StateFaces;

  before(async () => {
    home = await Home.make();
    const empty = join(home.folder, 'empty');
    await mkdir(empty);
    const env = { PATH: empty, HOME: empty };
    code = await openVsCode({ home, env, settings, asksForTrust: true, size: { width: 1300, height: 1000 } });
    window = code.window;
    faces = new StateFaces(window);
    await window.openView('Sitespan');
  });
  after(async () => {
    await code?.close();
    await home?.remove();
  });

  /** In place of a tree that has no row: the sentence of the table, with its action. */
  const welcomes = async (state: StateId): Promise<void> => {
    const { sentence, action } = stateOf(state);
    const welcome = window.page.locator('.sidebar .welcome-view-content', { hasText: sentence });
    await welcome.first().waitFor({ timeout: patienceMs });
    if (action !== undefined) await welcome.getByRole('button', { name: action.label }).first().waitFor();
  };
  const exactly = (state: StateId) => ({ state, words: new RegExp(escaped(stateOf(state).sentence)) });

  it('say that it is not trusted, and start nothing until it is', async () => {
    await welcomes('untrusted');
    await window.statusBarItem('Sitespan').first().click();
    await faces.inMessage(exactly('untrusted'));
    await window.screenshot('states untrusted');
    await window.page.locator('.sidebar .welcome-view-content').getByRole('button', { name: 'Manage Trust' }).click();
    const editor = window.page.locator('.workspace-trust-editor');
    await editor.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await welcomes('no-cluster');
    await window.runCommand('View: Close All Editors');
  });

  it('say that there is no cluster, in the page of throughput and the status bar, too', async () => {
    await window.runCommand('Sitespan: Show Throughput');
    await faces.panelSays('no-cluster', exactly('no-cluster').words);
    const card = await window.hover(window.statusBarItem('Sitespan'));
    if (!card.includes(stateOf('no-cluster').sentence) || !card.includes('New Cluster')) throw new Error(card);
    await window.runCommand('View: Close All Editors');
  });

  it('say that no Python is fit, when they have been looked for', async () => {
    await window.runCommand('Sitespan: Choose Environment');
    await window.quickInput.item('Another').first().waitFor();
    await welcomes('no-environment');
    await window.quickInput.cancel();
    await window.screenshot('states no environment');
  });
});
