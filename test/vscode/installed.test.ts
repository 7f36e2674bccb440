import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage, manageExtensions } from '../rigs/vscode/manageExtensions.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';

describe('the installed package', () => {
  let folder: string;
  let files: readonly string[];
  let code: VsCode | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-'));
    ({ files } = await installPackage(folder));
    code = await openVsCode({ installed: join(folder, 'extensions') });
  });
  after(async () => {
    await code?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds what runs, and neither sources nor tests nor maps', () => {
    for (const name of [
      'dist/cli.mjs',
      'dist/extension/extension.mjs',
      'dist/python/sitespan/worker.py',
      'examples/agc-ttbar/ttbar.ipynb',
      'package.json',
    ]) {
      assert.ok(files.includes(name), `${name} is missing`);
    }
    assert.deepEqual(
      files.filter((name) => /^(src|test|webview|scripts|python|node_modules)\/|\.(ts|map|pyc)$/.test(name)),
      [],
    );
  });

  it('is known to VS Code under its name', async () => {
    const args = ['--list-extensions', '--extensions-dir', join(folder, 'extensions')];
    assert.match(await manageExtensions(args), /^sitespan\.sitespan$/m);
  });

  it('shows its side bar to a user, outside of any development', async () => {
    assert.ok(code);
    await code.window.openView('Sitespan');
    await code.page.locator('.pane-header', { hasText: 'Clusters' }).waitFor();
    assert.doesNotMatch(await code.page.title(), /Extension Development Host/);
  });

  it('runs its commands', async () => {
    assert.ok(code);
    await code.window.runCommand('Sitespan: Show Log');
    await code.page.locator('.panel .monaco-editor').first().waitFor();
  });

  it('leaves no warning in the logs of the extension host', async () => {
    assert.ok(code);
    const logs = await code.logs();
    assert.match(logs, /ExtensionService#_doActivateExtension sitespan\.sitespan/);
    assert.deepEqual(
      logs.split('\n').filter((line) => /\[(warning|error|critical)\]/.test(line)),
      [],
    );
  });
});
