import { SitespanError } from '../base/errors.js';
import { type ClusterSnapshot, calls, type KernelSnapshot } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';

export interface NotebookRun {
  /** The kernel to run in: one of the cluster's. */
  readonly kernel: string;
  /** Absolute paths: the notebook, and where the executed one is written as it goes. */
  readonly path: string;
  readonly save: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a notebook's cells in a kernel of the cluster, and waits for the last. The kernel's host owns the queue: it goes on
 * if we do not.
 *
 * @throws SitespanError `notebook-failed` when a cell failed, `kernel-ended`, the cluster's own failure; the signal's reason
 */
export async function runNotebook(client: KeeperClient, run: NotebookRun): Promise<void> {
  const { kernel, path, save, signal } = run;
  const ready = await waitFor(
    client,
    signal,
    (snapshot) => (kernelOf(snapshot, kernel)?.phase ?? 'starting') !== 'starting',
  );
  failIfEnded(ready, kernel);
  await client.call(calls.runNotebook, { kernel, path, save }, signal);
  let most = 0;
  const end = await waitFor(client, signal, (snapshot) => {
    const { phase, cells } = kernelOf(snapshot, kernel) ?? {};
    if (cells === undefined) return false;
    if (phase === 'dead') return true;
    const open = cells.queued + cells.running;
    const all = open + cells.done + cells.failed + cells.skipped;
    // A state from before the notebook was queued knows nothing of it yet, nor does a keeper that has just taken over.
    most = Math.max(most, all);
    return most > 0 && all === most && open === 0;
  });
  failIfEnded(end, kernel);
  const cells = kernelOf(end, kernel)?.cells;
  if ((cells?.failed ?? 0) > 0) {
    throw new SitespanError('notebook-failed', `A cell of ${path} failed; what it said is in ${save}.`);
  }
}

/** Waits until the cluster's state is as wished. @throws SitespanError when the cluster or a kernel has failed */
export function waitFor(
  client: KeeperClient,
  signal: AbortSignal,
  wished: (snapshot: ClusterSnapshot) => boolean,
): Promise<ClusterSnapshot> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      subscription.dispose();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const look = (): void => {
      const { snapshot } = client;
      if (snapshot === undefined) return;
      const failure = failureOf(snapshot);
      if (failure !== undefined) settle(() => reject(failure));
      else if (wished(snapshot)) settle(() => resolve(snapshot));
    };
    const subscription = client.onDidChange(look);
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      look();
    }
  });
}

function failureOf(snapshot: ClusterSnapshot): SitespanError | undefined {
  if (snapshot.phase === 'closing') {
    return new SitespanError('cluster-closing', `The cluster ${snapshot.name} was closed.`);
  }
  const [first] =
    snapshot.phase === 'failed'
      ? snapshot.problems
      : snapshot.kernels.flatMap(({ phase, problem }) => (phase === 'dead' && problem) || []);
  return first && new SitespanError(first.code, first.message);
}

/** It may have been asked to: that is no problem of its cluster's, but one of whoever waits for it. */
function failIfEnded(snapshot: ClusterSnapshot, id: string): void {
  const { phase, ended = 'its process ended' } = kernelOf(snapshot, id) ?? {};
  if (phase === 'dead') {
    throw new SitespanError('kernel-ended', `The kernel ${id} of the cluster ${snapshot.name} has ended: ${ended}.`);
  }
}

function kernelOf(snapshot: ClusterSnapshot, id: string): KernelSnapshot | undefined {
  return snapshot.kernels.find((kernel) => kernel.id === id);
}
