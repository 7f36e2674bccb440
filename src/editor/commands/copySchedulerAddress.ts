import * as vscode from 'vscode';
import { reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

/** Puts the scheduler's address into the clipboard, as kernels of the cluster know it. */
export async function copySchedulerAddress(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, 'Copy Scheduler Address');
  if (cluster === undefined) return;
  const { address } = cluster.snapshot.scheduler;
  await vscode.env.clipboard.writeText(address);
  vscode.window.setStatusBarMessage(`Copied ${address}: it means ${cluster.name} in its own kernels.`, 5000);
}
