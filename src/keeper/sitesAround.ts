import type { Log } from '../base/log.js';
import type { EnvironmentDescription } from '../environment/description.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { type ClusterFolder, type ClusterSettings, environmentOf, localGrid } from './clusterFolder.js';
import { type ClusterGrids, sitesOf } from './clusterGrids.js';
import type { Fact } from './fact.js';
import type { Ledger } from './ledger.js';
import { SiteList } from './siteList.js';
import { SiteProbes } from './siteProbes.js';

interface Surroundings {
  readonly folder: ClusterFolder;
  readonly settings: ClusterSettings;
  readonly ledger: Ledger;
  readonly grids: ClusterGrids;
  readonly markPrefix: string;
  readonly log: Log;
  relayAddress(): string;
  environment(): EnvironmentDescription | undefined;
  record(fact: Fact): Promise<void>;
}

/** What a cluster knows of its grids' sites, and how it looks at one. */
export function sitesAround(around: Surroundings): { readonly sites: SiteList; readonly probes: SiteProbes } {
  const { folder, settings, ledger, grids, markPrefix, log, relayAddress, record } = around;
  const gridOf = (name: string) => grids.of(name);
  /** A pool's that is there already; else what this computer has, or what most nodes have. */
  const environmentAt = (grid: string, site: string): EnvironmentSpec => {
    const pool = ledger.pools.find(({ spec }) => spec.grid === grid && spec.sites.includes(site));
    if (pool !== undefined) return environmentOf(pool.spec);
    return grid === localGrid ? environmentOf(settings) : { kind: 'python', python: 'python3' };
  };
  return {
    sites: new SiteList({
      grids: new Map(grids.names.map((name) => [name, gridOf(name)])),
      sitesOf: (grid) => sitesOf(settings, grid) ?? [],
      ledger,
    }),
    probes: new SiteProbes({
      ...{ ledger, gridOf, markPrefix, log, relayAddress, record, environmentAt },
      clusterEnvironment: around.environment,
      payload: folder.payload,
      bundle: folder.bundle,
    }),
  };
}
