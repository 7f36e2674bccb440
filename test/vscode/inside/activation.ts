import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension, from inside', () => {
  it('activates', async () => {
    const extension = vscode.extensions.getExtension('sitespan.sitespan');
    assert.ok(extension);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('is refused proposed API, as in the VS Code that users have', () => {
    const detect: unknown = Reflect.get(vscode.notebooks, 'createNotebookControllerDetectionTask');
    assert.ok(typeof detect === 'function');
    assert.throws(() => detect('jupyter-notebook'), /notebookKernel|proposed/);
  });
});
