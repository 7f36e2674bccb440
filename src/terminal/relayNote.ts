import type { NewCluster } from '../keeper/clusters.js';
import { relayOutOfReach } from '../owner/relayReach.js';
import { note } from './print.js';

/** Says before jobs are sent that the sites of a grid cannot reach the relay that a new cluster has, with the option for another. */
export function noteRelay(grid: string, relay: NewCluster['relay']): void {
  const sentence = relayOutOfReach(grid, relay);
  if (sentence !== undefined) note(`${sentence} It is given with --relay HOST:PORT --relay-key FILE.`);
}
