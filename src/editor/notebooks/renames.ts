import * as vscode from 'vscode';
import { calls } from '../../keeper/api.js';
import type { LastChoices } from './lastChoices.js';
import type { NotebooksWindow } from './notebooksWindow.js';
import { renamed } from './renamed.js';
import { selectCluster } from './selectCluster.js';

/**
 * A notebook that is renamed or moved keeps its kernel. VS Code opens it anew under its new name and forgets what was chosen
 * for it, so it is chosen again as soon as the notebook is in front.
 */
export class Renames implements vscode.Disposable {
  private readonly held: vscode.Disposable;
  /** Cluster by the notebook's new path. */
  private readonly toSelect = new Map<string, string>();

  constructor(
    private readonly window: NotebooksWindow,
    private readonly choices: LastChoices,
    private readonly onError: (error: unknown) => void,
  ) {
    this.held = vscode.Disposable.from(
      vscode.workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.rename(oldUri.fsPath, newUri.fsPath).catch(onError);
      }),
      vscode.window.onDidChangeActiveNotebookEditor(() => this.select()),
    );
  }

  dispose(): void {
    this.held.dispose();
  }

  private async rename(from: string, to: string): Promise<void> {
    await this.choices.rename(from, to);
    for (const { name, snapshot } of this.window.fleet.clusters) {
      for (const { id, notebook } of snapshot?.kernels ?? []) {
        const now = notebook && renamed(notebook, from, to);
        if (now === undefined || now === '') continue;
        const keeper = await this.window.fleet.client(name);
        await keeper.call(calls.assignKernel, { kernel: id, notebook: now });
        this.toSelect.set(now, name);
      }
    }
    this.select();
  }

  private select(): void {
    const path = vscode.window.activeNotebookEditor?.notebook.uri.fsPath;
    const cluster = path === undefined ? undefined : this.toSelect.get(path);
    if (path === undefined || cluster === undefined) return;
    this.toSelect.delete(path);
    selectCluster(this.window.context.extension.id, cluster).catch(this.onError);
  }
}
