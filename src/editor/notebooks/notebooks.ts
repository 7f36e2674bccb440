import * as vscode from 'vscode';
import type { ClusterNotebooks } from './clusterNotebooks.js';
import type { NotebooksWindow } from './notebooksWindow.js';
import { isOurKind, openNotebooks } from './openNotebooks.js';

/** Notebooks on clusters, from the first `.ipynb` that this window opens; before that nothing of it is loaded. */
export class Notebooks implements vscode.Disposable {
  private loaded: Promise<ClusterNotebooks> | undefined;
  private readonly held: vscode.Disposable;
  private disposed = false;

  constructor(private readonly window: NotebooksWindow) {
    this.held = vscode.workspace.onDidOpenNotebookDocument((notebook) => {
      if (isOurKind(notebook)) this.begin();
    });
    if (openNotebooks().length > 0) this.begin();
  }

  /** The clusters as kernels, with what runs on them in this window. */
  load(): Promise<ClusterNotebooks> {
    this.loaded ??= this.make();
    return this.loaded;
  }

  dispose(): void {
    this.disposed = true;
    this.held.dispose();
    this.loaded?.then((loaded) => loaded.dispose()).catch(() => undefined);
  }

  private begin(): void {
    this.load().catch((error: unknown) => this.window.log.error(String(error)));
  }

  private async make(): Promise<ClusterNotebooks> {
    // First, so that a cluster that is there is never said to be closed.
    await this.window.fleet.refresh();
    const { ClusterNotebooks } = await import('./clusterNotebooks.js');
    const made = new ClusterNotebooks(this.window);
    if (this.disposed) made.dispose();
    return made;
  }
}
