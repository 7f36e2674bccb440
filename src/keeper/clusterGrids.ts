import { SitespanError } from '../base/errors.js';
import { DiracGrid } from '../grid/dirac/diracGrid.js';
import type { Grid } from '../grid/grid.js';
import { LocalGrid } from '../grid/local/localGrid.js';
import { type ClusterFolder, type ClusterSettings, localGrid } from './clusterFolder.js';

/** A closing cluster's jobs have nothing to hand over. */
const killGraceMs = 2000;

/** The grids that a cluster's pools may name: this computer, and those of its settings. */
export class ClusterGrids {
  private readonly grids: ReadonlyMap<string, Grid>;

  constructor(
    private readonly settings: ClusterSettings,
    folder: ClusterFolder,
  ) {
    const others = Object.entries(settings.grids).map(([name, spec]) => [name, new DiracGrid(name, spec)] as const);
    const here = new LocalGrid({ folder: folder.local, sites: settings.localSites, killGraceMs });
    this.grids = new Map<string, Grid>([[localGrid, here], ...others]);
  }

  get names(): string[] {
    return [...this.grids.keys()];
  }

  /** @throws SitespanError `grid-unknown`. */
  of(name: string): Grid {
    const grid = this.grids.get(name);
    if (grid === undefined) {
      throw new SitespanError(
        'grid-unknown',
        `The cluster ${this.settings.name} has no grid ${name}; it has ${[...this.grids.keys()].join(', ')}.`,
      );
    }
    return grid;
  }
}

/** The sites that a cluster may use of a grid; undefined where it has no such grid. */
export function sitesOf(settings: ClusterSettings, grid: string): readonly string[] | undefined {
  return grid === localGrid ? settings.localSites.map(({ name }) => name) : settings.grids[grid]?.sites;
}

/**
 * Refuses sites that a grid of the cluster's does not have.
 *
 * @throws SitespanError `grid-unknown`, `site-unknown`.
 */
export function checkSites(settings: ClusterSettings, grid: string, sites: readonly string[]): void {
  const known = sitesOf(settings, grid);
  if (known === undefined) {
    const names = [localGrid, ...Object.keys(settings.grids)].join(', ');
    throw new SitespanError('grid-unknown', `The cluster ${settings.name} has no grid ${grid}; it has ${names}.`);
  }
  const unknown = sites.filter((site) => !known.includes(site));
  if (unknown.length === 0) return;
  const where = grid === localGrid ? 'This computer' : `The grid ${grid}`;
  throw new SitespanError('site-unknown', `${where} has no site ${unknown.join(', ')}; there are ${known.join(', ')}.`);
}
