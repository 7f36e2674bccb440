import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { registerDoctorDocument } from '../documents/doctorDocument.js';
import { registerGridDocument } from '../documents/gridDocument.js';
import { registerProbesDocument } from '../documents/probesDocument.js';
import { registerProxyDocument } from '../documents/proxyDocument.js';
import { registerWorkerDocuments } from '../documents/workerDocument.js';
import { inProgress } from '../progress.js';
import { showError } from '../showError.js';
import type { Window } from '../window.js';
import { type Entry, handlers } from './handlers.js';

/** Registers every command; what all need, progress, cancelling and showing errors are here and nowhere else. */
export function registerCommands(window: Window, platform: NodeJS.Platform = process.platform): vscode.Disposable {
  const onError = (error: unknown): void => {
    window.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const registered = Object.entries(handlers).map(([id, entry]) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        await check(entry, platform);
        await run(window, entry, argument);
      } catch (error) {
        await showError(error, window.log);
      }
    }),
  );
  const documents = [
    ...[registerWorkerDocuments(window.fleet, onError), registerDoctorDocument(window.bundle, onError)],
    ...[registerGridDocument(onError), registerProbesDocument(window.fleet, onError)],
    registerProxyDocument(window.proxies, onError),
  ];
  return vscode.Disposable.from(...registered, ...documents);
}

/** @throws SitespanError `unsupported`, `untrusted` */
async function check({ needs }: Entry, platform: NodeJS.Platform): Promise<void> {
  if (needs === 'nothing') return;
  const missing =
    platform === 'win32' ? 'unsupported' : needs === 'trust' && !vscode.workspace.isTrusted ? 'untrusted' : undefined;
  if (missing === undefined) return;
  // What activation need not load.
  const { stateOf } = await import('../states.js');
  throw new SitespanError(missing, stateOf(missing).sentence);
}

async function run(window: Window, { load, progress }: Entry, argument: unknown): Promise<void> {
  const handler = await load();
  if (progress === undefined) return handler(window, argument, new AbortController().signal);
  return inProgress(progress, (_say, signal) => handler(window, argument, signal));
}
