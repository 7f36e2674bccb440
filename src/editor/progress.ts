import * as vscode from 'vscode';

/** What takes less is not worth a notification that comes and goes, in milliseconds. */
const worthShowingMs = 800;

/** Says what is being done now, a sentence. */
export type Say = (sentence: string) => void;

/**
 * Does something that may take a while: after a moment it is shown, and can then be cancelled, which aborts the signal.
 *
 * @throws what `work` throws
 */
export async function inProgress<Value>(
  title: string,
  work: (say: Say, signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  let said = '';
  let show: Say | undefined;
  const working = work((sentence) => {
    said = sentence;
    show?.(sentence);
  }, controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const soon = new Promise<'soon'>((resolve) => {
    timer = setTimeout(() => resolve('soon'), worthShowingMs);
  });
  try {
    const first = await Promise.race([working.then((value) => ({ value })), soon]);
    if (first !== 'soon') return first.value;
  } finally {
    clearTimeout(timer);
  }
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    show = (message): void => progress.report({ message });
    if (said !== '') show(said);
    const cancelled = token.onCancellationRequested(() => controller.abort(new vscode.CancellationError()));
    try {
      return await working;
    } finally {
      cancelled.dispose();
    }
  });
}
