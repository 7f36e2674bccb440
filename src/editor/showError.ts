import * as vscode from 'vscode';
import { SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';

/**
 * The one place where a window shows an error: one sentence, its remedy and the log. What a person cancelled is silent.
 */
export async function showError(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (isCancelled(error)) return;
  log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const known = SitespanError.is(error) ? error : undefined;
  const remedy = known?.details.remedy;
  const showLog = 'Show Log';
  const sentence = known?.message ?? `Something failed in this window: ${String(error)}.`;
  const buttons = remedy === undefined ? [showLog] : [remedy.label, showLog];
  const chosen = await vscode.window.showErrorMessage(sentence, ...buttons);
  if (chosen === undefined) return;
  await vscode.commands.executeCommand(chosen === remedy?.label ? remedy.command : commands.showLog);
}

function isCancelled(error: unknown): boolean {
  return (
    error instanceof vscode.CancellationError ||
    SitespanError.is(error, 'cancelled') ||
    (error instanceof Error && error.name === 'AbortError')
  );
}
