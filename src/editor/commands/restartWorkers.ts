import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { countCluster } from '../../owner/counted.js';
import { reachCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';

/** Ends all workers of a cluster so that fresh ones take their place, when that is confirmed. */
export async function restartWorkers(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, 'Restart Workers');
  if (cluster === undefined) return;
  const { working } = countCluster(cluster.snapshot);
  if (working === 0) {
    throw new SitespanError(
      'nothing-to-choose',
      `No worker of ${cluster.name} works now, so there is none to restart.`,
    );
  }
  const restart = 'Restart';
  const chosen = await vscode.window.showWarningMessage(
    `Restart the ${working === 1 ? 'worker' : `${working} workers`} of ${cluster.name}?`,
    { modal: true, detail: 'Each ends now and its pool asks for another. What only they held is computed again.' },
    restart,
  );
  if (chosen !== restart) return;
  const owner = await import('../../owner/restartWorkers.js');
  await inProgress(`Restarting the workers of ${cluster.name}`, (progress, signal) =>
    owner.restartWorkers(cluster.client, { progress, signal }),
  );
}
