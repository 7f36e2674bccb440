import type { Duplex } from 'node:stream';
import { StrangerError } from './refusal.js';

/** A head with its empty line, and what came with it. */
export interface Head {
  readonly head: string;
  readonly rest: Buffer;
}

/**
 * Reads one head. The stream is paused afterwards.
 *
 * @throws StrangerError `head-too-large`; `head-garbage` when the stream ends first; the signal's reason when it aborts.
 */
export function readHead(stream: Duplex, limitBytes: number, signal: AbortSignal): Promise<Head> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
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
      got = Buffer.concat([got, chunk]);
      const found = got.indexOf('\r\n\r\n');
      const end = found < 0 ? got.length : found + 4;
      if (end > limitBytes) {
        fail(new StrangerError('head-too-large', `The head is larger than ${limitBytes} bytes.`));
      } else if (found >= 0) {
        settle(() => resolve({ head: got.toString('latin1', 0, end), rest: got.subarray(end) }));
      }
    };
    const onEnd = (): void =>
      fail(new StrangerError('head-garbage', 'The connection ended before its head was whole.'));
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
