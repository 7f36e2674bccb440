import { views } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import { LiveTree } from './liveTree.js';

/** Shows the sites of all clusters' grids; they are asked for when the view is seen. */
export function registerSitesTree(fleet: Fleet, onError: (error: unknown) => void): LiveTree {
  return new LiveTree({
    view: views.sites,
    async load() {
      const { SitesModel } = await import('./sitesModel.js');
      await fleet.look().catch(onError);
      return new SitesModel(fleet, onError);
    },
  });
}
