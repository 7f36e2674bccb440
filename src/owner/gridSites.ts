import { DiracClient } from '../grid/dirac/diracClient.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import { type SiteJobs, siteJobs, siteMask } from '../grid/dirac/siteCalls.js';
import type { GridCall } from '../grid/grid.js';
import type { Verdict } from '../keeper/api.js';
import { listClusters } from '../keeper/clusters.js';
import { listEnded } from './endedClusters.js';
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
  /** Of the last probe, for whichever cluster it was, also one that has ended. */
  readonly verdict?: Verdict;
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
    const [mask, jobs, ours] = await Promise.all([siteMask(client, call), siteJobs(client, call), oursAt(name)]);
    return spec.sites.map((site) => {
      const [word, counted] = [mask[site], jobs?.get(site) ?? (jobs && { waiting: 0, running: 0 })];
      const verdict = ours.verdicts.get(site);
      return {
        name: site,
        ...(word === undefined ? {} : { word }),
        ...(counted === undefined ? {} : { jobs: counted }),
        workers: ours.workers.get(site) ?? 0,
        ...(verdict === undefined ? {} : { verdict }),
      };
    });
  } finally {
    await client.close();
  }
}

/** By site. */
interface Ours {
  readonly workers: ReadonlyMap<string, number>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** As the clusters' journals have it: no keeper is asked, and none is started. */
async function oursAt(grid: string): Promise<Ours> {
  const [workers, verdicts] = [new Map<string, number>(), new Map<string, Verdict>()];
  const ended = (await listEnded()).map(({ folder }) => folder);
  for (const folder of [...(await listClusters()), ...ended]) {
    // A damaged one is not what is asked about here; "sitespan list" tells of it.
    const ledger = await readLedger(folder).catch(() => undefined);
    const pools = new Set(ledger?.pools.filter(({ spec }) => spec.grid === grid).map(({ spec }) => spec.name));
    for (const life of ledger?.lives ?? []) {
      if (life.phase === 'working' && pools.has(life.pool)) workers.set(life.site, (workers.get(life.site) ?? 0) + 1);
    }
    for (const probe of ledger?.probes ?? []) {
      const { site, verdict } = probe;
      if (probe.grid !== grid || verdict === undefined || verdict.at < (verdicts.get(site)?.at ?? 0)) continue;
      verdicts.set(site, verdict);
    }
  }
  return { workers, verdicts };
}
