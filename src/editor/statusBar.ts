import * as vscode from 'vscode';
import type { Fleet } from './fleet.js';
import { madeItem, StatusItem } from './statusItem.js';

/** One item for the cluster that a person is at. It appears when clusters have been looked for. */
export function registerStatusBar(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  const made = madeItem('sitespan.status', 'Sitespan', 10);
  const item = new StatusItem(() => made);
  const show = async (): Promise<void> => {
    const { statusOf } = await import('./status.js');
    const status = statusOf(fleet);
    if (status !== undefined) item.show(status);
  };
  const heard = fleet.onDidChange(() => {
    show().catch(onError);
  });
  return vscode.Disposable.from(made, heard);
}
