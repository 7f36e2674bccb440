import * as vscode from 'vscode';
import { calls, type LifeSnapshot } from '../../keeper/api.js';
import { pickWorker, reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

const title = 'Kill Worker';

/** Ends a worker's job at once, when that is confirmed; its pool replaces it. */
export async function killWorker(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const life = cluster && (await pickWorker(cluster, argument, { title, refuse: whyNot }));
  if (cluster === undefined || life === undefined) return;
  const kill = 'Kill';
  const chosen = await vscode.window.showWarningMessage(
    `Kill ${life.name} at ${life.site}?`,
    {
      modal: true,
      detail: 'Its job ends at once, and its pool asks for another. What only it held is computed again.',
    },
    kill,
  );
  if (chosen === kill) await cluster.client.call(calls.killWorker, { worker: life.name });
}

function whyNot({ name, phase, job }: LifeSnapshot): string | undefined {
  if (phase === 'ended') return `${name} has ended.`;
  return job === null ? `${name} has no job yet; make its pool smaller instead.` : undefined;
}
