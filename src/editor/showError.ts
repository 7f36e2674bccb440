import * as vscode from 'vscode';
import { SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';
import { remedyOf, sentenceInWindow } from './remedies.js';

/** The sentences that a window shows now: several who wait for the same thing fail with it, and it is said once. */
const onDisplay = new WeakMap<vscode.LogOutputChannel, Set<string>>();

/** Nothing is wrong; what was asked for is just not possible now. */
const onlyNews: ReadonlySet<string> = new Set(['no-cluster', 'nothing-to-choose']);

/**
 * The one place where a window shows an error: one sentence, its remedy and the log. What a person cancelled is silent, and
 * what is on display already is not said again.
 */
export async function showError(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (isCancelled(error)) return;
  const isNews = SitespanError.is(error) && onlyNews.has(error.code);
  if (!isNews) log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const known = SitespanError.is(error) ? error : undefined;
  const sentence =
    known === undefined ? `Something failed in this window: ${String(error)}.` : sentenceInWindow(known.message);
  const shown = onDisplay.get(log) ?? new Set();
  onDisplay.set(log, shown);
  if (shown.has(sentence)) return;
  shown.add(sentence);
  const remedy = known === undefined ? undefined : remedyOf(known);
  const showLog = 'Show Log';
  const buttons = [...(remedy === undefined ? [] : [remedy.label]), ...(isNews ? [] : [showLog])];
  const show = isNews ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
  try {
    const chosen = await show(sentence, ...buttons);
    if (chosen === undefined) return;
    if (chosen === remedy?.label) await vscode.commands.executeCommand(remedy.command, ...(remedy.arguments ?? []));
    else await vscode.commands.executeCommand(commands.showLog);
  } finally {
    shown.delete(sentence);
  }
}

function isCancelled(error: unknown): boolean {
  return (
    error instanceof vscode.CancellationError ||
    SitespanError.is(error, 'cancelled') ||
    (error instanceof Error && error.name === 'AbortError')
  );
}
