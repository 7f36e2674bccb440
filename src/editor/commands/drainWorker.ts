import { calls, type LifeSnapshot } from '../../keeper/api.js';
import { pickWorker, reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

const title = 'Drain Worker';

/** Lets a worker go: its data moves to others, then its job ends, and its pool is one smaller. */
export async function drainWorker(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const life = cluster && (await pickWorker(cluster, argument, { title, refuse: whyNot }));
  if (cluster === undefined || life === undefined) return;
  await cluster.client.call(calls.drainWorker, { worker: life.name });
}

function whyNot({ name, phase }: LifeSnapshot): string | undefined {
  if (phase === 'ended') return `${name} has ended.`;
  return phase === 'draining' ? `${name} is being let go already.` : undefined;
}
