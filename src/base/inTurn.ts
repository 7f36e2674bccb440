import { retry } from './backoff.js';
import { SitespanError } from './errors.js';
import { holdAlone } from './soleHolder.js';

/**
 * Does a piece of work while nobody else of this host does one for the same path; who comes meanwhile waits.
 *
 * @param attempts how often it is asked for, in the end every 0.2 s
 * @throws SitespanError `already-held` where it is still held after that; the work's own
 */
export async function inTurn<T>(path: string, work: () => Promise<T>, attempts = 50): Promise<T> {
  const held = await retry(() => holdAlone(path), {
    attempts,
    firstMs: 20,
    maxMs: 200,
    retryIf: (error) => SitespanError.is(error, 'already-held'),
  });
  try {
    return await work();
  } finally {
    await held.release();
  }
}
