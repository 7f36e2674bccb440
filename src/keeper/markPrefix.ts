import type { ClusterSettings } from './clusterFolder.js';

/** Begins the mark of every job of a cluster: installation, where other grids know it, and cluster. */
export function markPrefixOf({ id, installation }: ClusterSettings): string {
  return ['sitespan', ...(installation === undefined ? [] : [installation]), id.slice(-6)].join('.');
}
