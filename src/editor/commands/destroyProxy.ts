import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { destroyProxy as destroy } from '../../credentials/proxyFile.js';
import { whatStops } from '../proxy/knownProxy.js';
import { pickProxy } from '../proxy/pickProxy.js';
import type { Window } from '../window.js';

/** Removes a proxy's file, when that is confirmed. */
export async function destroyProxy(window: Window, argument: unknown): Promise<void> {
  await window.proxies.refresh();
  const path = await pickProxy(window, argument, 'Destroy Proxy');
  if (path === undefined) return;
  const { unlessAbsent } = await import('../../base/systemError.js');
  const { stat } = await import('node:fs/promises');
  if ((await unlessAbsent(stat(path))) === undefined) {
    throw new SitespanError('nothing-to-choose', `There is no proxy ${path} on this computer.`);
  }
  const button = 'Destroy';
  const grids = window.proxies.known.find(({ use }) => use.path === path)?.use.grids ?? [];
  const detail = grids.length === 0 ? 'Others can be made at any time.' : `At ${grids.join(', ')}, ${whatStops}.`;
  const question = `Destroy the proxy ${path}?`;
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) !== button) return;
  await destroy(path);
  await window.proxies.look();
  vscode.window.setStatusBarMessage(`The proxy ${path} was removed.`, 5000);
}
