import { basename } from 'node:path';
import { findCluster, listClusters } from '../keeper/clusters.js';
import type { Ledger } from '../keeper/ledger.js';
import { readGrids } from './grids.js';
import { readLedger } from './readLedger.js';

/** What there is to be named, as folders and journals have it: no keeper is asked, and none is started. */
export async function clusterNames(): Promise<string[]> {
  return (await listClusters()).map(({ path }) => basename(path));
}

/** Grids that have been added. @throws SitespanError as `readGrids` */
export async function gridNames(): Promise<string[]> {
  return Object.keys(await readGrids());
}

/** @throws SitespanError as `findCluster`; `journal-corrupt` */
export async function poolNames(cluster: string): Promise<string[]> {
  return (await ledgerOf(cluster)).pools.map(({ spec }) => spec.name);
}

/** The newest first: those are asked about. @throws SitespanError as `findCluster`; `journal-corrupt` */
export async function workerNames(cluster: string): Promise<string[]> {
  return (await ledgerOf(cluster)).lives.map(({ name }) => name).reverse();
}

/** Of all of its grids. @throws SitespanError as `findCluster` and its settings */
export async function siteNames(cluster: string): Promise<string[]> {
  const { localSites, grids } = await (await findCluster(cluster)).readSettings();
  const others = Object.values(grids).flatMap(({ sites }) => sites);
  return [...new Set([...localSites.map(({ name }) => name), ...others])];
}

/** @throws SitespanError as `findCluster`; `journal-corrupt` */
export async function kernelNames(cluster: string): Promise<string[]> {
  return (await ledgerOf(cluster)).kernels.map(({ id }) => id);
}

async function ledgerOf(cluster: string): Promise<Ledger> {
  return readLedger(await findCluster(cluster));
}
