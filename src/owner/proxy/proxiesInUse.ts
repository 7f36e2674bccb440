import type { GridSpec } from '../../grid/gridSpec.js';
import type { Grids } from '../grids.js';

/** A proxy that grids of this computer are called with, and who does. */
export interface ProxyUse {
  readonly path: string;
  /** Names of grids, each once. */
  readonly grids: readonly string[];
  /** Names of clusters that have one of those grids. */
  readonly clusters: readonly string[];
  /** DIRAC's groups that it is used for; more than one is more than a proxy can be for. */
  readonly groups: readonly string[];
  /** Where the authorities of the first of those grids lie. */
  readonly authorities: string;
}

/** A cluster with the grids that it was made with. */
export interface ClusterGrids {
  readonly cluster: string;
  readonly grids: Readonly<Record<string, GridSpec>>;
}

/** The proxies of grids that were added and of clusters, one a path: those of added grids come first. */
export function proxiesInUse(added: Grids, clusters: readonly ClusterGrids[]): ProxyUse[] {
  const uses = [
    ...Object.entries(added).map(([grid, { spec }]) => ({ grid, spec, cluster: undefined })),
    ...clusters.flatMap(({ cluster, grids }) => Object.entries(grids).map(([grid, spec]) => ({ grid, spec, cluster }))),
  ];
  return once(uses.map(({ spec }) => spec.proxy)).map((path) => {
    const those = uses.filter(({ spec }) => spec.proxy === path);
    return {
      path,
      grids: once(those.map(({ grid }) => grid)),
      clusters: once(those.flatMap(({ cluster }) => cluster ?? [])),
      groups: once(those.map(({ spec }) => spec.group)),
      authorities: those[0]?.spec.caDirectory ?? '',
    };
  });
}

function once(names: readonly string[]): string[] {
  return [...new Set(names)];
}
