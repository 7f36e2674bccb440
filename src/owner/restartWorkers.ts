import { SitespanError } from '../base/errors.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { Opening } from './opening.js';

/**
 * Ends every worker that works, so that their pools replace them by fresh ones; results that only they held are computed again.
 *
 * @returns how many were ended
 * @throws SitespanError the keeper's; the signal's reason: then some have been ended
 */
export async function restartWorkers(client: KeeperClient, { progress, signal }: Opening = {}): Promise<number> {
  const lives = await client.call(calls.listLives, {}, signal);
  const working = lives.filter(({ phase }) => phase === 'enrolled' || phase === 'working');
  progress?.(`Ending ${working.length} workers; their pools replace them.`);
  for (const { name } of working) {
    await client.call(calls.killWorker, { worker: name }, signal).catch((error: unknown) => {
      // It has ended by itself meanwhile.
      if (!SitespanError.is(error, 'worker-unknown')) throw error;
    });
  }
  return working.length;
}
