import type { Duplex } from 'node:stream';
import { StrangerError } from './refusal.js';

/**
 * Reads one head, up to and with its empty line. The stream is paused afterwards.
 *
 * @throws StrangerError `head-too-large`; `head-garbage` when the stream ends first or goes on after the head, since who
 *   dials us waits for the answer; the signal's reason when it aborts.
 */
export function readHead(stream: Duplex, limitBytes: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const settle = (act: () => void): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('close', onEnd);
      signal.removeEventListener('abort', onAbort);
      stream.pause();
      act();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const onData = (chunk: Buffer): void => {
      got += chunk.toString('latin1');
      const end = got.indexOf('\r\n\r\n');
      if ((end < 0 ? got.length : end + 4) > limitBytes) {
        fail(new StrangerError('head-too-large', `The head is larger than ${limitBytes} bytes.`));
      } else if (end >= 0 && end + 4 < got.length) {
        fail(new StrangerError('head-garbage', 'There is more after the head.'));
      } else if (end >= 0) {
        settle(() => resolve(got));
      }
    };
    const onEnd = (): void => fail(new StrangerError('head-garbage', 'The connection ended before its head was whole.'));
    const onAbort = (): void => fail(signal.reason);
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    stream.on('data', onData);
    stream.once('end', onEnd);
    stream.once('close', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.resume();
    if (stream.destroyed) onEnd();
  });
}
