import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { until } from '../../base/waiting.js';
import { notebookType } from '../../ids.js';
import { calledOn } from '../notebooks/calledOn.js';
import type { ClusterNotebooks } from '../notebooks/clusterNotebooks.js';
import type { NotebookOnCluster } from '../notebooks/notebookOnCluster.js';
import { nameOf } from '../notebooks/openNotebooks.js';
import { selectCluster } from '../notebooks/selectCluster.js';
import { pickCluster } from '../pickers.js';
import type { Window } from '../window.js';

/** VS Code takes a kernel that was chosen within this time. */
const selectionMs = 15_000;

/** Chooses a cluster for a notebook, and runs all its cells there. */
export async function runNotebook(window: Window, argument: unknown): Promise<void> {
  const notebook = await shown(argument);
  const notebooks = await window.notebooks.load();
  const already = notebooks.of(notebook);
  const cluster = already?.cluster ?? (await pickCluster(window, argument, 'Run Notebook on Cluster'));
  if (cluster === undefined) return;
  const on = already ?? (await selected(window, notebooks, notebook, cluster));
  await on.runAll();
}

/** In front, for VS Code chooses a kernel only for what is there. */
async function shown(argument: unknown): Promise<vscode.NotebookDocument> {
  const open = calledOn(argument);
  const notebook =
    open ?? (argument instanceof vscode.Uri ? await vscode.workspace.openNotebookDocument(argument) : undefined);
  if (notebook?.notebookType !== notebookType) {
    throw new SitespanError(
      'no-notebook',
      'No notebook is in front in this window; open an .ipynb file, and run it on a cluster from there.',
    );
  }
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

async function selected(
  window: Window,
  notebooks: ClusterNotebooks,
  notebook: vscode.NotebookDocument,
  cluster: string,
): Promise<NotebookOnCluster> {
  await selectCluster(window.context.extension.id, cluster);
  let on: NotebookOnCluster | undefined;
  await until(
    () => {
      on = notebooks.of(notebook);
      return on !== undefined;
    },
    { timeoutMs: selectionMs, what: `The choice of ${cluster} as the kernel of ${nameOf(notebook.uri)}` },
  );
  if (on === undefined) throw new SitespanError('deadline', `${nameOf(notebook.uri)} has no kernel.`);
  return on;
}
