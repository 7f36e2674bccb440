import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';

describe('the VS Code of the tests', () => {
  let code: VsCode;
  before(async () => {
    code = await openVsCode();
    const cells = ['1 + 1', '2 + 2'].map((source, i) => ({
      ...{ cell_type: 'code', id: `cell-${i}`, metadata: {}, source },
      ...{ outputs: [], execution_count: null },
    }));
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    await writeFile(join(code.workspace ?? '', 'sums.ipynb'), JSON.stringify(notebook));
    await writeFile(join(code.workspace ?? '', 'plain.py'), 'print("plain")\n');
  });
  after(() => code?.close());

  it('shows our side bar', async () => {
    await code.window.openView('Sitespan');
    await code.page.locator('.pane-header', { hasText: 'Clusters' }).waitFor();
    await code.page.locator('.pane-header', { hasText: 'Sites' }).waitFor();
  });

  it('runs a command by its title', async () => {
    await code.window.runCommand('Sitespan: Show Log');
    await code.page.locator('.panel', { hasText: 'Output' }).first().waitFor();
  });

  it('opens a file and reads it', async () => {
    await code.window.openFile('plain.py');
    assert.match(await code.window.editorText(), /print\("plain"\)/);
  });

  it('opens a notebook as a notebook, and finds its cells', async () => {
    await code.window.openFile('sums.ipynb');
    await code.window.notebook.reveal('2 + 2');
    assert.equal(await code.window.notebook.running(), 0);
  });

  it('is the same after a reload, and in a second window', async () => {
    await code.reload();
    await code.window.editorTab('sums.ipynb').waitFor();
    const second = await code.openWindow();
    await second.openView('Sitespan');
    await second.close();
    assert.equal(code.window.page.isClosed(), false);
  });

  it('asks nobody but this computer', () => {
    assert.deepEqual(code.blocked, []);
  });
});
