import type * as vscode from 'vscode';
import type { NotebookOnCluster } from './notebookOnCluster.js';

/** Which notebooks of this window run on which clusters. */
export interface OnClusters {
  /** Which notebooks these are, or how their clusters are, has changed. */
  readonly onDidChange: vscode.Event<void>;
  readonly all: readonly NotebookOnCluster[];
  of(notebook: vscode.NotebookDocument): NotebookOnCluster | undefined;
}
