import { basename } from 'node:path';
import { readJournal } from '../base/journal.js';
import { findCluster, listClusters } from '../keeper/clusters.js';
import { fact } from '../keeper/fact.js';
import { Ledger } from '../keeper/ledger.js';

/** What there is to be named, as folders and journals have it: no keeper is asked, and none is started. */
export async function clusterNames(): Promise<string[]> {
  return (await listClusters()).map(({ path }) => basename(path));
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
  const folder = await findCluster(cluster);
  const ledger = new Ledger();
  for (const entry of await readJournal(folder.journal)) {
    // What a newer keeper has written has names, too, but not for us.
    const known = fact.safeParse(entry);
    if (known.success) ledger.apply(known.data);
  }
  return ledger;
}
