import { views } from '../../ids.js';
import type { Window } from '../window.js';
import { LiveTree } from './liveTree.js';

/** Shows the sites of all clusters' grids and of those that were added; they are asked for when the view is seen. */
export function registerSitesTree(
  { fleet, grids, addedGrids, proxies }: Pick<Window, 'fleet' | 'grids' | 'addedGrids' | 'proxies'>,
  onError: (error: unknown) => void,
): LiveTree {
  return new LiveTree({
    view: views.sites,
    async load(held) {
      const { SitesModel } = await import('./sitesModel.js');
      await Promise.all([fleet.look(), grids.refresh()]).catch(onError);
      // Another window or a terminal may add one, too.
      held.add(
        addedGrids.onDidChange(() => {
          grids.refresh().catch(onError);
        }),
      );
      return new SitesModel(fleet, grids, proxies, onError);
    },
  });
}
