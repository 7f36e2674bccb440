import { views } from '../../ids.js';
import type { Window } from '../window.js';
import { LiveTree } from './liveTree.js';

/** Shows the clusters; they are looked for when the view is seen. */
export function registerClustersTree(
  { fleet, proxies }: Pick<Window, 'fleet' | 'proxies'>,
  onError: (error: unknown) => void,
): LiveTree {
  return new LiveTree({
    view: views.clusters,
    async load() {
      const { ClustersModel } = await import('./clustersModel.js');
      const { listRuns } = await import('../../keeper/runFiles.js');
      await fleet.look().catch(onError);
      return new ClustersModel(fleet, proxies, listRuns, onError);
    },
  });
}
