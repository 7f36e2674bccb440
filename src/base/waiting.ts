import { SitespanError } from './errors.js';

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export interface Deadline {
  readonly timeoutMs: number;
  /** What is waited for, as the subject of a sentence: "The scheduler's first answer". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives `work` until the deadline, then aborts the signal it was given and stops waiting for it, even if it does not listen.
 *
 * @throws SitespanError `deadline` when time is up; the outer signal's reason when that aborts; else what `work` throws.
 */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>, deadline: Deadline): Promise<T> {
  deadline.signal?.throwIfAborted();
  const ours = new AbortController();
  const timer = setTimeout(() => ours.abort(deadlineError(deadline)), deadline.timeoutMs);
  const onOuterAbort = (): void => ours.abort(deadline.signal?.reason);
  deadline.signal?.addEventListener('abort', onOuterAbort, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    ours.signal.addEventListener('abort', () => reject(ours.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(ours.signal), aborted]);
  } finally {
    clearTimeout(timer);
    deadline.signal?.removeEventListener('abort', onOuterAbort);
  }
}

/**
 * Waits for `work` until the signal aborts, and then no longer, though the work itself goes on: for what takes no signal.
 *
 * @throws the signal's reason; else what `work` throws.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Asks `condition` again and again, `everyMs` apart, until it holds.
 *
 * @throws SitespanError `deadline`; the signal's reason; what `condition` throws.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadline: Deadline & { readonly everyMs?: number },
): Promise<void> {
  await withDeadline(async (signal) => {
    while (!(await condition())) await sleep(deadline.everyMs ?? 50, signal);
  }, deadline);
}

function deadlineError(deadline: Deadline): SitespanError {
  return new SitespanError('deadline', `${deadline.what} did not come within ${deadline.timeoutMs / 1000} s.`);
}
