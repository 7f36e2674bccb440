import assert from 'node:assert/strict';
import { pauseMs, retry } from '../../../src/base/backoff.js';

describe('pauseMs', () => {
  const backoff = { firstMs: 50, maxMs: 2000 };

  it('has a ceiling that doubles up to the limit', () => {
    const ceilings = [1, 2, 3, 6, 7, 5000].map((attempt) => pauseMs(attempt, backoff, () => 1));
    assert.deepEqual(ceilings, [50, 100, 200, 1600, 2000, 2000]);
  });

  it('is spread over all from 0 to the ceiling', () => {
    assert.deepEqual(
      [0, 0.5].map((chance) => pauseMs(2, backoff, () => chance)),
      [0, 50],
    );
  });
});

describe('retry', () => {
  const failing = (until: number) => {
    const tries: number[] = [];
    const attempt = async (number: number): Promise<string> => {
      tries.push(number);
      if (number < until) throw new Error(`failure ${number}`);
      return 'worked';
    };
    return { tries, attempt };
  };

  it('tries until it works', async () => {
    const { tries, attempt } = failing(3);
    assert.equal(await retry(attempt, { firstMs: 1 }), 'worked');
    assert.deepEqual(tries, [1, 2, 3]);
  });

  it('gives up with the last failure', async () => {
    const { tries, attempt } = failing(9);
    await assert.rejects(retry(attempt, { firstMs: 1, attempts: 3 }), /failure 3/);
    assert.equal(tries.length, 3);
  });

  it('does not repeat what is final', async () => {
    const { tries, attempt } = failing(9);
    await assert.rejects(retry(attempt, { retryIf: () => false }), /failure 1/);
    assert.equal(tries.length, 1);
  });

  it('begins nothing after its time', async () => {
    const { tries, attempt } = failing(9);
    await assert.rejects(retry(attempt, { firstMs: 60_000, maxMs: 60_000, forMs: 1000, random: () => 1 }), /failure 1/);
    assert.equal(tries.length, 1);
  });

  it('stops in the middle of a pause', async () => {
    const abort = new AbortController();
    const trying = retry(failing(9).attempt, { firstMs: 60_000, maxMs: 60_000, random: () => 1, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('cancelled')), 5);
    await assert.rejects(trying, /cancelled/);
  });
});
