import { calledFromToolbar } from '../notebooks/calledOn.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

/** The throughput page: of the cluster or the notebook it was called on, or of whatever there is. */
export async function showThroughput({ throughput, notebooks }: Window, argument: unknown): Promise<void> {
  const notebook = calledFromToolbar(argument);
  const on = notebook && (await notebooks.load()).of(notebook);
  const name = nodeOf('cluster', argument)?.cluster ?? on?.cluster;
  await throughput.show(name === undefined ? undefined : { kind: 'cluster', name });
}
