import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

/** The throughput page: of the cluster it was called on, or of whatever there is. */
export async function showThroughput({ throughput }: Window, argument: unknown): Promise<void> {
  const node = nodeOf('cluster', argument);
  await throughput.show(node === undefined ? undefined : { kind: 'cluster', name: node.cluster });
}
