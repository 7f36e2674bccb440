import { pickPool, reachCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import { askText } from '../questions.js';
import { askSteps, type Step } from '../steps.js';
import type { Window } from '../window.js';
import { confirmSites } from './confirmSites.js';
import { confirmWorkers } from './confirmWorkers.js';
import { whatOneTakes } from './scaleWorkers.js';

const title = 'Set Adaptive Scaling';

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** Lets a pool follow what the scheduler has use for, between two numbers; a number of one's own (Scale Workers) ends that. */
export async function setAdaptive(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const pool = cluster && (await pickPool(cluster, argument, title));
  if (cluster === undefined || pool === undefined) return;
  const first = pool.adaptive ?? { minimum: 0, maximum: Math.max(pool.desired, 1) };
  const bounds = await askSteps<Bounds>(first, [
    numberStep('minimum', `The fewest workers of pool ${pool.name}, also when nothing runs.`),
    numberStep('maximum', `The most workers of pool ${pool.name}. ${whatOneTakes(pool)}`),
  ]);
  if (bounds === undefined) return;
  const most = Math.max(pool.desired, pool.adaptive?.maximum ?? 0);
  if (bounds.maximum > most && !(await confirmSites(cluster.client, pool.grid ?? 'local', pool.sites))) return;
  const { adaptPool } = await import('../../owner/scalePool.js');
  await inProgress(`Adapting ${pool.name}`, (progress, signal) =>
    adaptPool(cluster.client, { pool: pool.name, ...bounds }, { progress, signal, confirm: confirmWorkers }),
  );
}

function numberStep(which: keyof Bounds, placeholder: string): Step<Bounds> {
  return {
    ask: async (bounds, place) => {
      const least = which === 'maximum' ? Math.max(1, bounds.minimum) : 0;
      const refuse = (text: string): string | undefined =>
        /^\d+$/.test(text) && Number(text) >= least ? undefined : `A whole number, ${least} or more.`;
      const value = String(Math.max(least, bounds[which]));
      const answer = await askText({ title, place, placeholder, value, refuse });
      return answer === undefined || answer === 'back'
        ? answer
        : { value: { ...bounds, [which]: Number(answer.value) } };
    },
  };
}
