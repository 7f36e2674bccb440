import { views } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import type { GridBoard } from '../gridBoard.js';
import { LiveTree } from './liveTree.js';

/** Shows the sites of all clusters' grids and of those that were added; they are asked for when the view is seen. */
export function registerSitesTree(fleet: Fleet, added: GridBoard, onError: (error: unknown) => void): LiveTree {
  return new LiveTree({
    view: views.sites,
    async load() {
      const { SitesModel } = await import('./sitesModel.js');
      await Promise.all([fleet.look(), added.refresh()]).catch(onError);
      return new SitesModel(fleet, added, onError);
    },
  });
}
