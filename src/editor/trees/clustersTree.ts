import { views } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import { LiveTree } from './liveTree.js';

/** Shows the clusters; they are looked for when the view is seen. */
export function registerClustersTree(fleet: Fleet, onError: (error: unknown) => void): LiveTree {
  return new LiveTree({
    view: views.clusters,
    async load() {
      const { ClustersModel } = await import('./clustersModel.js');
      const { listRuns } = await import('../../keeper/runFiles.js');
      await fleet.look().catch(onError);
      return new ClustersModel(fleet, listRuns, onError);
    },
  });
}
