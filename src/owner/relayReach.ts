import { isIP } from 'node:net';
import type { NewCluster } from '../keeper/clusters.js';

/**
 * Why jobs at the sites of a grid will not come to a cluster that has this relay; undefined where nothing speaks against it.
 *
 * @param relay as a new cluster is told of it; without one it has its own, which listens on this computer alone
 */
export function relayOutOfReach(grid: string, relay: NewCluster['relay']): string | undefined {
  if (relay?.kind === 'other' || (relay !== undefined && !isLoopback(relay.host))) return undefined;
  const host = relay?.host ?? '127.0.0.1';
  return `The cluster's own relay listens at ${host} on this computer only, where jobs at the sites of ${grid} cannot reach it: they would wait there and end without having worked; name a relay that the sites can reach.`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
