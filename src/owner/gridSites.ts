import { DiracClient } from '../grid/dirac/diracClient.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import { type SiteJobs, siteJobs, siteMask } from '../grid/dirac/siteCalls.js';
import type { GridCall } from '../grid/grid.js';
import { listClusters } from '../keeper/clusters.js';
import { readLedger } from './readLedger.js';

/** A site of a grid as its grid tells, and what of ours is there. */
export interface GridSite {
  readonly name: string;
  /** The grid's own word for it, `Active` or `Banned`; absent where it does not tell. */
  readonly word?: string;
  /** Jobs of all the grid's users; absent where it does not tell. */
  readonly jobs?: SiteJobs;
  /** Our workers there that take tasks, of all clusters on this computer. */
  readonly workers: number;
}

/**
 * The sites of a grid that has been added, in its order.
 *
 * @param name by which clusters know it
 * @throws SitespanError those of `DiracClient.call`
 */
export async function gridSites(
  name: string,
  { spec }: GridDescription,
  call?: GridCall,
): Promise<readonly GridSite[]> {
  const client = new DiracClient(spec);
  try {
    const [mask, jobs, workers] = await Promise.all([siteMask(client, call), siteJobs(client, call), workersAt(name)]);
    return spec.sites.map((site) => {
      const [word, counted] = [mask[site], jobs?.get(site) ?? (jobs && { waiting: 0, running: 0 })];
      return {
        name: site,
        ...(word === undefined ? {} : { word }),
        ...(counted === undefined ? {} : { jobs: counted }),
        workers: workers.get(site) ?? 0,
      };
    });
  } finally {
    await client.close();
  }
}

/** As the clusters' journals have it: no keeper is asked, and none is started. */
async function workersAt(grid: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const folder of await listClusters()) {
    // A damaged one is not what is asked about here; "sitespan list" tells of it.
    const ledger = await readLedger(folder).catch(() => undefined);
    const pools = new Set(ledger?.pools.filter(({ spec }) => spec.grid === grid).map(({ spec }) => spec.name));
    for (const life of ledger?.lives ?? []) {
      if (life.phase === 'working' && pools.has(life.pool)) counts.set(life.site, (counts.get(life.site) ?? 0) + 1);
    }
  }
  return counts;
}
