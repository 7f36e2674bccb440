import * as vscode from 'vscode';
import type { Event } from '../base/events.js';
import { contextKeys } from '../ids.js';
import type { Window } from './window.js';

/**
 * Tells VS Code what menus and welcomes ask for, and so looks for clusters and added grids for the first time: after the
 * window has taken the first of them, when activation is over.
 */
export function registerContextKeys(
  { fleet, addedGrids }: Pick<Window, 'fleet' | 'addedGrids'>,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const heard = [
    follow(contextKeys.hasClusters, fleet, () => fleet.clusters.length > 0),
    follow(contextKeys.hasGrids, addedGrids, () => Object.keys(addedGrids.grids).length > 0),
  ];
  set(contextKeys.unsupported, process.platform === 'win32')
    .then(() => Promise.all([fleet.look(), addedGrids.look()]))
    .then(undefined, onError);
  return vscode.Disposable.from(...heard);

  function follow(key: string, of: { readonly onDidChange: Event }, isSo: () => boolean): vscode.Disposable {
    let was: boolean | undefined;
    return of.onDidChange(() => {
      const now = isSo();
      if (now === was) return;
      was = now;
      set(key, now).then(undefined, onError);
    });
  }
}

function set(key: string, value: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}
