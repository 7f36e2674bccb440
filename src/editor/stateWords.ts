import type { ClusterView } from './knownCluster.js';

/** How a cluster is, in a word or two, where that is not plain work. */
export function stateWords({ link, snapshot }: ClusterView): string {
  if (link === 'connecting') return 'connecting';
  if (link === 'lost') return 'its keeper is away';
  if (link === 'failed') return 'not reached';
  if (link === 'closed') return 'ended';
  return snapshot === undefined || snapshot.phase === 'working' ? '' : snapshot.phase;
}
