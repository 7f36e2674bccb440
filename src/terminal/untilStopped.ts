import { SitespanError } from '../base/errors.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does what a command does until it is done, or until Ctrl-C, or until nobody reads its output any more.
 *
 * @param whenStopped what to say after Ctrl-C, where something goes on or was given up
 * @returns its exit code; 130 after Ctrl-C
 */
export async function untilStopped(
  work: (signal: AbortSignal) => Promise<number>,
  whenStopped?: string,
): Promise<number> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new SitespanError('stopped', 'Stopped.'));
  const unread = (): void => stopped.abort(new SitespanError('output-closed', 'Nobody reads the output any more.'));
  for (const signal of signals) process.once(signal, stop);
  process.stdout.once('error', unread);
  try {
    return await work(stopped.signal);
  } catch (error) {
    if (SitespanError.is(error, 'output-closed')) return 0;
    if (!SitespanError.is(error, 'stopped')) throw error;
    if (whenStopped !== undefined) process.stderr.write(`${whenStopped}\n`);
    return 130;
  } finally {
    for (const signal of signals) process.off(signal, stop);
    process.stdout.off('error', unread);
  }
}
