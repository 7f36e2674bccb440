import { sleep } from './waiting.js';

export interface Backoff {
  /** Ceiling of the first pause; it doubles with each further one. */
  readonly firstMs: number;
  /** No pause is longer. */
  readonly maxMs: number;
}

/**
 * How long to pause before try number `attempt` + 1 (`attempt` counts from 1): anything between 0 and the ceiling.
 *
 * "Full jitter" (M. Brooker, "Exponential Backoff And Jitter", AWS 2015): thousands of workers that lost one relay
 * together must not come back together.
 */
export function pauseMs(attempt: number, backoff: Backoff, random: () => number = Math.random): number {
  return random() * Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1));
}

export interface RetryOptions extends Partial<Backoff> {
  readonly signal?: AbortSignal | undefined;
  /** How often to try in all; 5 unless told otherwise. */
  readonly attempts?: number;
  /** No new try begins after this time, though `attempts` may be left. */
  readonly forMs?: number;
  /** Whether a failure may pass by itself; all may, unless told otherwise. */
  readonly retryIf?: (error: unknown) => boolean;
  readonly random?: () => number;
}

/**
 * Tries until it works, with growing pauses.
 *
 * @throws the last failure, when it is final or tries or time are used up; the signal's reason when aborted.
 */
export async function retry<T>(attempt: (number: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, attempts = 5, forMs = Number.POSITIVE_INFINITY, retryIf = () => true, random } = options;
  const backoff = { firstMs: options.firstMs ?? 200, maxMs: options.maxMs ?? 10_000 };
  const begun = performance.now();
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      signal?.throwIfAborted();
      const pause = pauseMs(number, backoff, random);
      if (number >= attempts || !retryIf(error) || performance.now() - begun + pause > forMs) throw error;
      await sleep(pause, signal);
    }
  }
}
