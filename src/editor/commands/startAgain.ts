import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { commands, views } from '../../ids.js';
import type { EndedCluster } from '../../owner/endedClusters.js';
import { pick } from '../pickers.js';
import { inProgress } from '../progress.js';
import { chosenRelay } from '../relayChoice.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';
import { confirmWorkers } from './confirmWorkers.js';

/** Makes a cluster that has ended once more: the same name, environment, sites, and pools with as many workers. */
export async function startAgain(window: Window, argument: unknown): Promise<void> {
  const { listEnded } = await import('../../owner/endedClusters.js');
  const ended = await chosen(await listEnded(), argument);
  if (ended === undefined) return;
  const { readPlan } = await import('../../owner/clusterPlan.js');
  const { startCluster } = await import('../../owner/startCluster.js');
  const plan = await readPlan(ended.folder);
  // The key of a relay that others run has gone with the cluster's other secrets.
  const userKey = plan.wish.relay?.kind === 'other' ? (await chosenRelay(window)).userKey : undefined;
  await inProgress(`Starting cluster ${ended.name} again`, (progress, signal) => {
    const start = { bundle: window.bundle, progress, signal, confirm: confirmWorkers };
    return startCluster(plan, { ...start, ...(userKey === undefined ? {} : { userKey }) });
  });
  await window.fleet.refresh();
  await vscode.commands.executeCommand(`${views.clusters}.focus`);
}

async function chosen(all: readonly EndedCluster[], argument: unknown): Promise<EndedCluster | undefined> {
  const remedy = { command: commands.newCluster, label: 'New Cluster' };
  const named = nodeOf('cluster', argument)?.cluster;
  if (named !== undefined) {
    const found = all.find(({ name }) => name === named);
    if (found !== undefined) return found;
    throw new SitespanError(
      'nothing-to-choose',
      `The cluster ${named} has not ended on this computer, or its folder is gone, so it cannot be started again.`,
      { remedy },
    );
  }
  if (all.length === 0) {
    throw new SitespanError('nothing-to-choose', 'No cluster has ended on this computer that could be started again.', {
      remedy,
    });
  }
  const choices = all.map((one) => ({
    label: one.name,
    description: `ended ${new Date(one.endedAt * 1000).toLocaleString()}`,
    value: one,
  }));
  return pick('Start Cluster Again', 'Which cluster?', choices, 'None has ended.');
}
