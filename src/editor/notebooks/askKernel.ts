import type * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import type { KernelClient } from '../../keeper/kernelClient.js';
import type { OnClusters } from './onClusters.js';
import { notebookOf } from './openNotebooks.js';

/** Who types waits no longer. */
const answerMs = 5000;
/** A kernel that is gone, or too slow, has nothing to say; the cell's own run tells why. */
const silent = ['kernel-dead', 'kernel-unreachable', 'deadline'];

/**
 * Asks the kernel of a cell's notebook something while the cell is written.
 *
 * @returns undefined where the notebook is not on a cluster, its kernel has not started, is at work or gone
 */
export async function askKernel<Answer>(
  notebooks: OnClusters,
  document: vscode.TextDocument,
  token: vscode.CancellationToken,
  ask: (client: KernelClient, signal: AbortSignal) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const notebook = notebookOf(document);
  const on = notebook && notebooks.of(notebook);
  const phase = on?.kernel?.phase;
  if (on?.client === undefined || phase === undefined || phase === 'dead' || token.isCancellationRequested) {
    return undefined;
  }
  const cancelled = new AbortController();
  const subscription = token.onCancellationRequested(() => cancelled.abort());
  const signal = AbortSignal.any([cancelled.signal, AbortSignal.timeout(answerMs)]);
  try {
    return await ask(on.client, signal);
  } catch (error) {
    if (signal.aborted || (SitespanError.is(error) && silent.includes(error.code))) return undefined;
    throw error;
  } finally {
    subscription.dispose();
  }
}
