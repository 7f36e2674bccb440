import assert from 'node:assert/strict';
import { sleep, unlessAborted, until, withDeadline } from '../../../src/base/waiting.js';

describe('sleep', () => {
  it('ends with the reason when it is aborted, before and during', async () => {
    const reason = new Error('window closed');
    await assert.rejects(sleep(60_000, AbortSignal.abort(reason)), reason);
    const abort = new AbortController();
    const sleeping = sleep(60_000, abort.signal);
    abort.abort(reason);
    await assert.rejects(sleeping, reason);
  });
});

describe('withDeadline', () => {
  it('gives the result of work that is in time', async () => {
    assert.equal(await withDeadline(async () => 5, { timeoutMs: 1000, what: 'Five' }), 5);
  });

  it('stops waiting for work that does not listen, and tells it', async () => {
    let told: AbortSignal | undefined;
    const work = withDeadline(
      (signal) => {
        told = signal;
        return new Promise<void>(() => undefined);
      },
      { timeoutMs: 10, what: 'The answer' },
    );
    await assert.rejects(work, { code: 'deadline', message: 'The answer did not come within 0.01 s.' });
    assert.equal(told?.aborted, true);
  });

  it('ends with the reason of the outer signal', async () => {
    const abort = new AbortController();
    const work = withDeadline((signal) => sleep(60_000, signal), {
      timeoutMs: 60_000,
      what: 'It',
      signal: abort.signal,
    });
    abort.abort(new Error('cancelled'));
    await assert.rejects(work, /cancelled/);
  });

  it('passes on how the work failed', async () => {
    const failing = withDeadline(() => Promise.reject(new Error('refused')), { timeoutMs: 1000, what: 'It' });
    await assert.rejects(failing, /refused/);
  });
});

describe('unlessAborted', () => {
  const reason = new Error('cancelled');

  it('gives what the work gives, or how it failed', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(7), signal), 7);
    await assert.rejects(unlessAborted(Promise.reject(new Error('no')), signal), /no/);
  });

  it('stops waiting when it is aborted, before and during', async () => {
    const never = new Promise<never>(() => undefined);
    await assert.rejects(unlessAborted(never, AbortSignal.abort(reason)), reason);
    const abort = new AbortController();
    const waiting = unlessAborted(never, abort.signal);
    abort.abort(reason);
    await assert.rejects(waiting, reason);
  });
});

describe('until', () => {
  it('asks until the condition holds', async () => {
    let asked = 0;
    await until(async () => ++asked === 3, { timeoutMs: 1000, what: 'Three', everyMs: 1 });
    assert.equal(asked, 3);
  });

  it('gives up in time, and asks no more', async () => {
    let asked = 0;
    const waiting = until(
      () => {
        asked++;
        return false;
      },
      { timeoutMs: 20, what: 'Never', everyMs: 1 },
    );
    await assert.rejects(waiting, { code: 'deadline' });
    const before = asked;
    await sleep(10);
    assert.equal(asked, before);
  });
});
