import * as vscode from 'vscode';
import { calls } from '../../keeper/api.js';
import { reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

/** Opens Dask's own pages about the cluster in the browser; where VS Code is remote, through its forwarded port. */
export async function openDashboard(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, 'Open Dashboard');
  if (cluster === undefined) return;
  const { url } = await cluster.client.call(calls.schedulerCode, {});
  await vscode.env.openExternal(await vscode.env.asExternalUri(vscode.Uri.parse(url, true)));
}
