import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { z } from 'zod';

const listed = z.object({ contributes: z.object({ commands: z.array(z.object({ command: z.string() })) }) });

describe('the extension, from inside', () => {
  it('activates', async () => {
    const extension = vscode.extensions.getExtension('sitespan.sitespan');
    assert.ok(extension);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('has a handler for every command that it lists', async () => {
    const extension = vscode.extensions.getExtension('sitespan.sitespan');
    assert.ok(extension);
    await extension.activate();
    const { contributes } = listed.parse(extension.packageJSON);
    const registered = await vscode.commands.getCommands(true);
    const missing = contributes.commands.map(({ command }) => command).filter((id) => !registered.includes(id));
    assert.deepEqual(missing, []);
    assert.notEqual(contributes.commands.length, 0);
  });

  it('is refused proposed API, as in the VS Code that users have', () => {
    const detect: unknown = Reflect.get(vscode.notebooks, 'createNotebookControllerDetectionTask');
    assert.ok(typeof detect === 'function');
    assert.throws(() => detect('jupyter-notebook'), /notebookKernel|proposed/);
  });
});
