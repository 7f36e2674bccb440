import { SitespanError } from '../base/errors.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { parseEnvironment } from '../environment/parseEnvironment.js';
import { localSites } from '../grid/local/localGrid.js';
import type { NewCluster } from '../keeper/clusters.js';
import { readGrid } from '../owner/grids.js';
import { openSites } from '../owner/openSites.js';
import type { GivenArguments } from './givenArguments.js';
import { wholeNumber } from './quantities.js';

/** Where a new cluster's workers go: what the cluster has to know of it, and what its pool. */
export interface UpPlace {
  readonly cluster: Pick<NewCluster, 'localSites' | 'grids'>;
  readonly pool: { readonly grid?: string; readonly sites: string[] };
  /** Of its workers, where that is not the cluster's own. */
  readonly environment?: EnvironmentSpec;
}

/**
 * The sites of this computer, or of a grid that was added: it is asked whether they are open.
 *
 * @throws SitespanError `usage`; as `readGrid` and `openSites`
 */
export async function upPlace(given: GivenArguments, signal: AbortSignal): Promise<UpPlace> {
  const grid = given.text('--grid');
  const environment = given.text('--worker-environment');
  const sites = given.all('--site');
  if (grid === undefined) {
    if (environment !== undefined) throw new SitespanError('usage', '--worker-environment needs --grid GRID.');
    const here = sites.length === 0 ? localHere() : sites.map(siteOf);
    return { cluster: { localSites: here }, pool: { sites: here.map(({ name }) => name) } };
  }
  const description = await readGrid(grid);
  if (sites.length === 0) {
    const { sites: there } = description.spec;
    throw new SitespanError('usage', `Say at which sites of ${grid}, with --site SITE: ${there.join(', ')}.`);
  }
  const open = await openSites(grid, description, sites, { signal });
  return {
    cluster: { localSites: localHere(), grids: { [grid]: description.spec } },
    pool: { grid, sites: [...open] },
    environment: parseEnvironment(environment ?? 'python3'),
  };
}

function localHere(): NewCluster['localSites'] {
  return localSites().map((site) => ({ ...site, enter: [] }));
}

function siteOf(text: string): { name: string; slots: number; enter: [] } {
  const [, name, slots = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new SitespanError('usage', `--site is NAME=SLOTS, not ${text}.`);
  return { name, slots: wholeNumber(slots, `The slots of --site ${name}`, 1), enter: [] };
}
