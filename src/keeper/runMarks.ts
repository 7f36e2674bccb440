import type { RunMark } from './throughputApi.js';
import type { Life } from './worker/life.js';

const mostMarks = 500;

/**
 * What happened to the workers, oldest first; of very many, the newest.
 *
 * @param closedAt when the cluster began to close: what ended since was let go with it
 */
export function runMarks(lives: readonly Life[], closedAt?: number, most = mostMarks): RunMark[] {
  const marks = lives.flatMap((life) => {
    const { name: worker, site, steps } = life.snapshot();
    const about = { worker, site };
    const drained = steps.some(({ phase }) => phase === 'draining');
    const came = steps.some(({ phase }) => phase === 'working');
    return steps.flatMap(({ phase, at }): RunMark[] => {
      if (phase === 'working') return [{ at, kind: 'join', ...about }];
      if (phase === 'draining' && came) return [{ at, kind: 'drain', ...about }];
      // One that never came is no loss to the run, and one that was let go is none either.
      if (phase === 'ended' && came && !drained) {
        return [{ at, kind: closedAt !== undefined && at >= closedAt ? 'drain' : 'loss', ...about }];
      }
      return [];
    });
  });
  return marks.sort((a, b) => a.at - b.at).slice(-most);
}
