import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { views } from '../../ids.js';
import type { GridSite } from '../../owner/gridSites.js';
import type { Grids } from '../../owner/grids.js';
import { sentenceOfVerdict } from '../../owner/probeSites.js';
import { askEnvironment, chosenEnvironment } from '../environments.js';
import { clusterLimits, firstWish, localSites } from '../newClusterDefaults.js';
import {
  type ClusterOffers,
  type ClusterWish,
  newClusterSteps,
  newClusterTitle,
  planOfWish,
} from '../newClusterSteps.js';
import { inProgress } from '../progress.js';
import { chosenRelay } from '../relayChoice.js';
import { warnOfRelay } from '../relayWarning.js';
import { remedyOf } from '../remedies.js';
import { showError } from '../showError.js';
import { askSteps } from '../steps.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';
import { confirmUnfit } from './confirmSites.js';
import { confirmWorkers } from './confirmWorkers.js';

/** Asks step by step what the cluster shall be, makes it, and shows the view in which its workers appear. */
export async function newCluster(window: Window, argument: unknown): Promise<void> {
  const { userKey, ...relay } = await chosenRelay(window);
  const { listClusters } = await import('../../keeper/clusters.js');
  const taken = new Set((await listClusters()).map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  const grids = await knownGrids(window);
  const offers: ClusterOffers = {
    localSites: localSites(),
    grids: Object.fromEntries(Object.entries(grids).map(([name, { spec }]) => [name, spec])),
    takenNames: taken,
    sitesAt: once((grid, signal) => sitesNow(grids, grid, signal)),
    askEnvironment: (begin, place) => askEnvironment(window, { title: newClusterTitle, place, begin }),
  };
  const usual = firstWish(offers.localSites, taken, chosenEnvironment());
  const grid = nodeOf('grid', argument)?.grid;
  const first = grid !== undefined && Object.hasOwn(grids, grid) ? { ...usual, grid, sites: [] } : usual;
  const trouble = (name: string): string | undefined =>
    warnOfRelay(name, relay.relay, (error) => window.log.error(String(error)));
  const wish = await askSteps(first, newClusterSteps(offers, trouble));
  if (wish === undefined || !(await confirmUnfit(await unfit(wish, offers)))) return;
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
async function knownGrids(window: Window): Promise<Grids> {
  const { readGrids } = await import('../../owner/grids.js');
  return readGrids().catch((error: unknown) => {
    showError(error, window.log).catch((failure: unknown) => window.log.error(String(failure)));
    return {};
  });
}

/** @throws SitespanError with what a person does first where that is a command */
export async function sitesNow(grids: Grids, name: string, signal?: AbortSignal): Promise<readonly GridSite[]> {
  const grid = grids[name];
  if (grid === undefined) return [];
  const { usableProxy } = await import('../../owner/usableProxy.js');
  const { gridSites } = await import('../../owner/gridSites.js');
  try {
    await usableProxy(grid.spec.proxy, grid.spec.caDirectory);
  } catch (error) {
    const remedy = SitespanError.is(error) ? remedyOf(error) : undefined;
    if (!SitespanError.is(error) || remedy === undefined) throw error;
    throw new SitespanError(error.code, error.message, { remedy, cause: error });
  }
  return gridSites(name, grid, { signal });
}

/** What was told is told again to whoever asks later; what failed is tried again. */
function once(
  ask: (grid: string, signal?: AbortSignal) => Promise<readonly GridSite[]>,
): (grid: string, signal?: AbortSignal) => Promise<readonly GridSite[]> {
  const told = new Map<string, readonly GridSite[]>();
  return async (grid, signal) => {
    const sites = told.get(grid) ?? (await ask(grid, signal));
    told.set(grid, sites);
    return sites;
  };
}

/** What the last probes of the wished sites found amiss; nothing where no worker is asked for. */
async function unfit({ grid, sites, workers }: ClusterWish, offers: ClusterOffers): Promise<readonly string[]> {
  if (workers === 0 || !Object.hasOwn(offers.grids, grid)) return [];
  const wished = (await offers.sitesAt(grid)).filter(({ name }) => sites.includes(name));
  return wished.flatMap(({ name, verdict }) => (verdict?.ok === false ? [sentenceOfVerdict(name, verdict)] : []));
}
