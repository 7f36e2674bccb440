import * as vscode from 'vscode';
import { views } from '../../ids.js';
import { askEnvironment, chosenEnvironment } from '../environments.js';
import { clusterLimits, firstWish, localSites } from '../newClusterDefaults.js';
import { type ClusterOffers, newClusterSteps, newClusterTitle, planOfWish } from '../newClusterSteps.js';
import { inProgress } from '../progress.js';
import { chosenRelay } from '../relayChoice.js';
import { showError } from '../showError.js';
import { askSteps } from '../steps.js';
import type { Window } from '../window.js';
import { confirmWorkers } from './confirmWorkers.js';

/** Asks step by step what the cluster shall be, makes it, and shows the view in which its workers appear. */
export async function newCluster(window: Window): Promise<void> {
  const { userKey, ...relay } = await chosenRelay(window);
  const { listClusters } = await import('../../keeper/clusters.js');
  const taken = new Set((await listClusters()).map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  const offers: ClusterOffers = {
    localSites: localSites(),
    grids: await knownGrids(window),
    takenNames: taken,
    askEnvironment: (begin, place) => askEnvironment(window, { title: newClusterTitle, place, begin }),
  };
  const wish = await askSteps(firstWish(offers.localSites, taken, chosenEnvironment()), newClusterSteps(offers));
  if (wish === undefined) return;
  const plan = planOfWish(wish, offers);
  const { startCluster } = await import('../../owner/startCluster.js');
  await inProgress(`Making cluster ${wish.name}`, async (progress, signal) => {
    const start = { bundle: window.bundle, progress, signal, confirm: confirmWorkers };
    const whole = { ...plan, wish: { ...plan.wish, ...relay, limits: clusterLimits() } };
    await startCluster(whole, { ...start, ...(userKey === undefined ? {} : { userKey }) });
  });
  await window.fleet.refresh();
  await vscode.commands.executeCommand(`${views.clusters}.focus`);
}

/** A list that cannot be read hinders no cluster on this computer. */
async function knownGrids(window: Window): Promise<ClusterOffers['grids']> {
  const { gridSpecsKnown } = await import('../../owner/grids.js');
  return gridSpecsKnown().catch((error: unknown) => {
    showError(error, window.log).catch((failure: unknown) => window.log.error(String(failure)));
    return {};
  });
}
