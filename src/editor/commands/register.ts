import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { registerDoctorDocument } from '../documents/doctorDocument.js';
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
        check(entry, platform);
        await run(window, entry, argument);
      } catch (error) {
        await showError(error, window.log);
      }
    }),
  );
  const documents = [registerWorkerDocuments(window.fleet, onError), registerDoctorDocument(window.bundle, onError)];
  return vscode.Disposable.from(...registered, ...documents);
}

/** @throws SitespanError `unsupported`, `untrusted` */
function check({ needs }: Entry, platform: NodeJS.Platform): void {
  if (needs === 'nothing') return;
  if (platform === 'win32') {
    throw new SitespanError(
      'unsupported',
      'Clusters are kept on Linux and macOS: on Windows, open this folder in WSL or over Remote-SSH, and Sitespan works there.',
    );
  }
  if (needs === 'trust' && !vscode.workspace.isTrusted) {
    throw new SitespanError(
      'untrusted',
      'Nothing is started from a workspace that is not trusted; trust this one if you know who wrote it.',
      { remedy: { command: 'workbench.trust.manage', label: 'Manage Trust' } },
    );
  }
}

async function run(window: Window, { load, progress }: Entry, argument: unknown): Promise<void> {
  const handler = await load();
  if (progress === undefined) return handler(window, argument, new AbortController().signal);
  return inProgress(progress, (_say, signal) => handler(window, argument, signal));
}
