import { parseEnvironment } from '../../environment/parseEnvironment.js';
import type { ProbedSite } from '../../owner/probeSites.js';
import { askEnvironment, chosenEnvironment } from '../environments.js';
import { firstWish, localSites } from '../newClusterDefaults.js';
import { type ClusterOffers, probeSteps } from '../newClusterSteps.js';
import { inProgress } from '../progress.js';
import { chosenRelay } from '../relayChoice.js';
import { warnOfRelay } from '../relayWarning.js';
import { askSteps } from '../steps.js';
import { requireTrust } from '../trust.js';
import type { Window } from '../window.js';
import { sitesNow } from './newCluster.js';

/**
 * Probes sites of a grid that no cluster uses yet, as a cluster would be that is made with the answers.
 *
 * @param site the one that is meant; without it some are chosen
 * @returns undefined where a question was left
 * @throws SitespanError `untrusted`; as `probeGrid`
 */
export async function probeAtGrid(
  window: Window,
  { grid, site }: { readonly grid: string; readonly site: string | undefined },
  title: string,
): Promise<readonly ProbedSite[] | undefined> {
  // Environments are entered to be offered, and a cluster is made: other than a probe by a cluster that is there.
  requireTrust();
  const relay = await chosenRelay(window);
  const { readGrid } = await import('../../owner/grids.js');
  const description = await readGrid(grid);
  // What hinders is said before a question is asked.
  const now = await sitesNow({ [grid]: description }, grid);
  warnOfRelay(grid, relay.relay, (error) => window.log.error(String(error)));
  const { sites: known } = description.spec;
  const [only] = known.length === 1 ? known : [];
  const meant = site ?? only;
  const offers: ClusterOffers = {
    localSites: localSites(),
    grids: { [grid]: { ...description.spec, sites: meant === undefined ? known : [meant] } },
    takenNames: new Set(),
    sitesAt: async () => now,
    askEnvironment: (begin, place) => askEnvironment(window, { title, place, begin }),
  };
  const usual = firstWish(offers.localSites, offers.takenNames, chosenEnvironment());
  const first = { ...usual, grid, sites: meant === undefined ? [] : [meant] };
  const wish = await askSteps(first, probeSteps(offers, title));
  if (wish === undefined) return undefined;
  const { sites, environment } = wish;
  const { probeGrid } = await import('../../owner/probeGrid.js');
  const what = sites.length === 1 ? (sites[0] ?? '') : `${sites.length} sites of ${grid}`;
  try {
    return await inProgress(`Probing ${what}`, (say, signal) => {
      let done = 0;
      return probeGrid(grid, sites, {
        cluster: { bundle: window.bundle, ...relay, ...(environment === undefined ? {} : { environment }) },
        workers: parseEnvironment(wish.workerEnvironment),
        tell: ({ verdict }) => say(`${++done} of ${sites.length}: ${verdict.sentence}`),
        progress: say,
        signal,
      });
    });
  } finally {
    await window.fleet.refresh();
    window.grids.askAgain(grid);
  }
}
