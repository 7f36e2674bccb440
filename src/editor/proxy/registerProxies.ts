import * as vscode from 'vscode';
import { commands } from '../../ids.js';
import { madeItem, StatusItem } from '../statusItem.js';
import type { Window } from '../window.js';
import type { AboutProxy } from './knownProxy.js';
import { ProxyNotices } from './proxyNotices.js';

/** The item of the status bar, and notices. The item is not there before a grid needs a proxy. */
export function registerProxies(
  { fleet, proxies, context }: Pick<Window, 'fleet' | 'proxies' | 'context'>,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const item = new StatusItem(() => madeItem('sitespan.proxy', 'Sitespan: Grid Proxy', 9));
  const show = async (): Promise<void> => {
    const { proxyStatusOf } = await import('./proxyStatus.js');
    item.show(proxyStatusOf(proxies.known, proxies.now));
  };
  const notices = new ProxyNotices(
    fleet,
    proxies,
    {
      show: (sentence, about) => void ask(sentence, about).then(undefined, onError),
      isFocused: () => vscode.window.state.focused,
      claim: async (notice) => {
        const { claimNotice } = await import('./claimedNotices.js');
        return claimNotice(context.globalStorageUri.fsPath, notice);
      },
    },
    onError,
  );
  return vscode.Disposable.from(
    item,
    notices,
    proxies.onDidChange(() => {
      show().catch(onError);
    }),
    // Where folders are shared, other computers' changes are not told.
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused && proxies.known.length > 0) proxies.refresh().catch(onError);
    }),
  );
}

async function ask(sentence: string, about: readonly AboutProxy[]): Promise<void> {
  const renew = 'Renew';
  if ((await vscode.window.showWarningMessage(sentence, renew)) !== renew) return;
  await vscode.commands.executeCommand(commands.renewProxy, ...about);
}
