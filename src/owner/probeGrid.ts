import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { localSites } from '../grid/local/localGrid.js';
import { calls, type Verdict } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { NewCluster } from '../keeper/clusters.js';
import { closeCluster } from './closeCluster.js';
import { readGrid } from './grids.js';
import { type ClusterOpening, makeCluster } from './openCluster.js';
import { openSites } from './openSites.js';
import type { ProbedSite, SitePlace } from './probeSites.js';
import { readLedger } from './readLedger.js';
import { untilWorking } from './untilWorking.js';
import { usableProxy } from './usableProxy.js';

export interface GridProbing extends ClusterOpening {
  /** As the cluster will be for which the sites are looked at: its environment and its relay. */
  readonly cluster: Pick<NewCluster, 'bundle' | 'environment' | 'relay' | 'tenant' | 'userKey'>;
  /** Of the workers to come, as the sites' nodes see it. */
  readonly workers: EnvironmentSpec;
  /** Called with each as its verdict comes. */
  tell(probed: ProbedSite): void;
}

/** A keeper gives a job up after ten minutes. */
const verdictSeconds = 660;

/**
 * Sends one short job to each of these sites of a grid that has been added, all at once, though no cluster is there: one
 * without pools, `probe-<grid>`, is made for that, and is closed again however this ends. What it found stays in its journal,
 * where `gridSites` reads it.
 *
 * @param wished in any case of letters; all that are open where none is named
 * @returns in the order of the sites
 * @throws SitespanError as `readGrid`, `usableProxy`, `openSites`, `makeCluster` and `untilWorking`; the signal's reason
 */
export async function probeGrid(
  grid: string,
  wished: readonly string[],
  { tell, workers, cluster, ...opening }: GridProbing,
): Promise<ProbedSite[]> {
  const { signal, progress } = opening;
  const description = await readGrid(grid);
  await usableProxy(description.spec.proxy, description.spec.caDirectory);
  const sites = await openSites(grid, description, wished, { signal });
  const here = localSites().map((site) => ({ ...site, enter: [] }));
  const wish = { ...cluster, localSites: here, grids: { [grid]: description.spec }, onlyProbes: true } as const;
  const client = await makeUnderFreeName(`probe-${grid}`.slice(0, 36), wish, opening);
  try {
    await untilWorking(client, opening);
    progress?.(`One short job each at ${sites.join(', ')}; a verdict comes when it has run.`);
    return await Promise.all(
      sites.map(async (site) => {
        const probed = { grid, site, verdict: await verdictAt(client, { grid, site }, workers, signal) };
        tell(probed);
        return probed;
      }),
    );
  } finally {
    // Not with the signal: what was stopped is not left running.
    await closeCluster(client, { progress }).finally(() => client.dispose());
  }
}

async function makeUnderFreeName(
  name: string,
  wish: Omit<NewCluster, 'name'>,
  opening: ClusterOpening,
): Promise<KeeperClient> {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    try {
      return (await makeCluster({ ...wish, name: free }, { ...opening, onlyNew: true })).client;
    } catch (error) {
      if (!SitespanError.is(error, 'cluster-exists') && !SitespanError.is(error, 'cluster-elsewhere')) throw error;
    }
  }
}

/** The keeper answers in good time also where the job still waits; its cluster has to stay until it has run. */
async function verdictAt(
  client: KeeperClient,
  place: SitePlace,
  environment: EnvironmentSpec,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  let verdict = await client.call(calls.probeSite, { ...place, environment }, signal);
  await until(
    async () => {
      const { probes } = await readLedger(client.folder);
      const probe = probes.find(({ grid, site }) => grid === place.grid && site === place.site);
      verdict = probe?.verdict ?? verdict;
      return probe?.verdict !== undefined;
    },
    { timeoutMs: verdictSeconds * 1000, everyMs: 1000, what: `The verdict of ${place.site}`, signal },
  );
  return verdict;
}
