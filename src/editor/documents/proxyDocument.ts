import * as vscode from 'vscode';
import { sleep } from '../../base/waiting.js';
import { schemes } from '../../ids.js';
import type { ProxyWatch } from '../proxy/proxyWatch.js';
import { sentenceInWindow } from '../remedies.js';
import { LiveDocuments } from './liveDocuments.js';

/** What is left is told in minutes; it is told anew so often while somebody reads it, in milliseconds. */
const everyMs = 60_000;

export function proxyUri(): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.proxy, path: '/Proxy.md' });
}

/** Registers what tells of the proxies that are used, or of the usual one; it follows them while it is seen. */
export function registerProxyDocument(
  proxies: Pick<ProxyWatch, 'known' | 'now' | 'onDidChange'>,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const source = {
    run: async (show: (text: string) => void, signal: AbortSignal): Promise<void> => {
      const { inspectProxy, proxyReport, usualProxy } = await import('../../owner/proxy/inspectProxy.js');
      for (;;) {
        const uses = proxies.known.map(({ use }) => use);
        const now = new Date(proxies.now);
        const found = await Promise.all(
          (uses.length === 0 ? [usualProxy()] : uses).map((use) => inspectProxy(use, now)),
        );
        signal.throwIfAborted();
        show(sentenceInWindow(proxyReport(found, now)));
        await changeOrTime(proxies, signal);
      }
    },
  };
  return new LiveDocuments(schemes.proxy, () => source, onError);
}

/** Until a proxy is another, or some time has passed. */
async function changeOrTime({ onDidChange }: Pick<ProxyWatch, 'onDidChange'>, signal: AbortSignal): Promise<void> {
  const changed = new AbortController();
  const heard = onDidChange(() => changed.abort());
  try {
    await sleep(everyMs, AbortSignal.any([signal, changed.signal]));
  } catch (error) {
    if (!changed.signal.aborted) throw error;
  } finally {
    heard.dispose();
  }
}
