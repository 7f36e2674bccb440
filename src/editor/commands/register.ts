import * as vscode from 'vscode';
import { showError } from '../showError.js';
import type { Window } from '../window.js';
import { type Handler, handlers } from './handlers.js';

/** Registers every command; progress, cancelling and showing errors happen here and nowhere else. */
export function registerCommands(window: Window): vscode.Disposable {
  const registered = Object.entries(handlers).map(([id, { load, progress }]) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        await run(window, await load(), argument, progress);
      } catch (error) {
        await showError(error, window.log);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

async function run(window: Window, handler: Handler, argument: unknown, progress: string | undefined): Promise<void> {
  if (progress === undefined) return handler(window, argument, new AbortController().signal);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: progress, cancellable: true },
    async (_report, token) => {
      const controller = new AbortController();
      const cancelled = token.onCancellationRequested(() => controller.abort());
      try {
        await handler(window, argument, controller.signal);
      } finally {
        cancelled.dispose();
      }
    },
  );
}
