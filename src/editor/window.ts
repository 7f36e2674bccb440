import type { AddedGrids } from './addedGrids.js';
import type { GridBoard } from './gridBoard.js';
import type { Notebooks } from './notebooks/notebooks.js';
import type { NotebooksWindow } from './notebooks/notebooksWindow.js';
import type { ShownThing } from './protocol.js';
import type { ProxyWatch } from './proxy/proxyWatch.js';

/** What the parts of a window share; made once, by `extension.ts`. */
export interface Window extends NotebooksWindow {
  /** The throughput tab; without an argument as it is, or of whatever there is. */
  readonly throughput: { show(what?: ShownThing): Promise<void> };
  /** Folder with our bundles, the wheel and the unpacked package: what a cluster is born with. */
  readonly bundle: string;
  /** What the added grids tell of their sites, while somebody looks. */
  readonly grids: GridBoard;
  /** The notebooks that run on clusters. */
  readonly notebooks: Notebooks;
  /** The list of grids that were added on this computer. */
  readonly addedGrids: AddedGrids;
  /** The proxies that those grids and clusters are called with. */
  readonly proxies: ProxyWatch;
}
