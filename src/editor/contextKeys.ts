import * as vscode from 'vscode';
import { contextKeys } from '../ids.js';
import type { Fleet } from './fleet.js';

/**
 * Tells VS Code what menus and welcomes ask for, and so looks for clusters for the first time: after the window has taken the
 * first of them, when activation is over.
 */
export function registerContextKeys(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  let has: boolean | undefined;
  const heard = fleet.onDidChange(() => {
    const now = fleet.clusters.length > 0;
    if (now === has) return;
    has = now;
    set(contextKeys.hasClusters, now).then(undefined, onError);
  });
  set(contextKeys.unsupported, process.platform === 'win32')
    .then(() => fleet.look())
    .then(undefined, onError);
  return heard;
}

function set(key: string, value: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}
