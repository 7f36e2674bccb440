import * as vscode from 'vscode';
import { pickCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';

/** Ends a cluster and all of it, when that is confirmed. */
export async function closeCluster(window: Window, argument: unknown): Promise<void> {
  const name = await pickCluster(window, argument, 'Close Cluster');
  if (name === undefined) return;
  const close = 'Close';
  const chosen = await vscode.window.showWarningMessage(
    `Close the cluster ${name}?`,
    {
      modal: true,
      detail: 'Its workers, kernels and scheduler end. Files that were written stay, and so do its logs.',
    },
    close,
  );
  if (chosen !== close) return;
  const { closeCluster: end } = await import('../../owner/closeCluster.js');
  const client = await window.fleet.client(name);
  await inProgress(`Closing cluster ${name}`, (progress, signal) => end(client, { progress, signal }));
  await window.fleet.refresh();
}
