import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { root } from '../rigs/cluster/clusterRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

const cells = ['first = 1', 'second = 2', ...Array.from({ length: 40 }, (_, i) => `filler = ${i}`), 'last = 3'];

describe('the VS Code of the tests', () => {
  let code: VsCode;
  let window: VsCodeWindow;
  let notebook: string;
  before(async () => {
    code = await openVsCode({
      beside: [join(root, 'test', 'rigs', 'vscode', 'probe')],
      env: { PROBE: 'the probe' },
      machineSettings: { 'probe.place': 'somewhere' },
    });
    window = code.window;
    notebook = join(code.workspace ?? '', 'sums.ipynb');
    await writeFile(notebook, notebookOf(cells));
    await writeFile(join(code.workspace ?? '', 'plain.py'), 'print("plain")\n');
  });
  after(() => code?.close());

  it('shows our side bar', async () => {
    await window.openView('Sitespan');
    await code.page.locator('.pane-header', { hasText: 'Clusters' }).waitFor();
    await code.page.locator('.pane-header', { hasText: 'Sites' }).waitFor();
  });

  it('runs a command by its title, not by one that only begins so', async () => {
    await window.runCommand('Probe: Say');
    const said = await window.notification('The probe speaks.');
    await said.getByRole('button', { name: 'Hear' }).click();
    await window.statusBarItem('heard Hear').waitFor();
    assert.deepEqual(await window.notifications(), []);
    await window.runCommand('Probe: Say More');
    await window.notification('says more');
    assert.deepEqual(await window.notifications(), ['The probe says more.']);
    await window.clearNotifications();
    assert.deepEqual(await window.notifications(), []);
  });

  it('picks and types', async () => {
    await window.runCommand('Probe: Ask…');
    const { quickInput } = window;
    await quickInput.asks('Fruit');
    assert.match((await quickInput.items()).join('|'), /apple\s*red\|pear/);
    await quickInput.pick('pear');
    await quickInput.asks('Tools');
    await quickInput.pickMany('knife', 'spoon');
    await quickInput.asks('How many');
    await quickInput.fill('few');
    await quickInput.message.filter({ hasText: 'a number, please' }).waitFor();
    await quickInput.answer('12');
    await window.statusBarItem('12 pear knife+spoon').waitFor();
  });

  it('answers a dialog', async () => {
    await window.runCommand('Probe: Confirm');
    assert.match(await window.answerDialog('Yes'), /Sure\?\s+Really\?/);
    await window.statusBarItem('confirmed Yes').waitFor();
  });

  it('has folders, environment and settings of its own', async () => {
    await window.runCommand('Probe: Where');
    const text = await (await window.notification(/^state /)).innerText();
    assert.match(text, new RegExp(`state ${code.env['XDG_STATE_HOME']} of the probe, place somewhere`));
    await window.clearNotifications();
  });

  it('finds rows, what they say under the mouse, and their actions', async () => {
    await window.openView('Probe');
    await window.expand('fruit', 'pear');
    assert.deepEqual(await window.rows(), ['fruit', 'apple', 'pear']);
    assert.match(await window.hover(window.row('pear')), /all about pear/);
    await window.inlineAction(window.row('apple'), 'Poke');
    await window.statusBarItem('poked apple').waitFor();
    await window.contextMenu(window.row('pear'), 'Poke');
    await window.statusBarItem('poked pear').waitFor();
  });

  it('finds the page of an extension', async () => {
    await window.runCommand('Probe: Page');
    await (await window.webview('#poke')).locator('#poke').click();
    await window.statusBarItem('page poked').waitFor();
  });

  it('opens a file and reads it', async () => {
    await window.openFile('plain.py');
    assert.match(await window.editorText(), /print\("plain"\)/);
  });

  it('runs cells of a notebook in a kernel that it picks, and saves it', async () => {
    await window.openFile('sums.ipynb');
    assert.match((await window.notebook.kernels('Probe')).join(), /Parrot/);
    await window.quickInput.cancel();
    await window.notebook.pickKernel('Parrot', 'Probe');
    await window.notebook.runCell('second = 2');
    await window.notebook.outputs(/heard second = 2\s+done/);
    await window.notebook.runCell('last = 3');
    await until(async () => (await window.notebook.running()) === 1, { timeoutMs: 20_000, what: 'A running cell' });
    await window.notebook.outputs(/heard last = 3\s+done/);
    assert.ok((await window.notebook.executionCounts()).includes('[2]'));
    // What is drawn in the page is on its way to the document.
    await until(
      async () => {
        await window.notebook.save();
        return /heard last = 3/.test(await readFile(notebook, 'utf8'));
      },
      { timeoutMs: 30_000, everyMs: 500, what: 'The saved output' },
    );
  });

  it('is the same after a reload, and in a second window', async () => {
    await code.reload();
    await window.editorTab('sums.ipynb').waitFor();
    const second = await code.openWindow();
    await second.openView('Sitespan');
    await second.close();
    assert.equal(code.window, window);
  });

  it('asks nobody but this computer', () => {
    assert.deepEqual(code.blocked, []);
  });
});

function notebookOf(sources: readonly string[]): string {
  const made = sources.map((source, i) => ({
    ...{ cell_type: 'code', id: `cell-${i}`, metadata: {}, source },
    ...{ outputs: [], execution_count: null },
  }));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: made });
}
