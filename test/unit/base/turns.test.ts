import assert from 'node:assert/strict';
import { Turns } from '../../../src/base/turns.js';
import { sleep } from '../../../src/base/waiting.js';

describe('Turns', () => {
  it('lets nothing overlap, and keeps the order', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string, ms: number) => async () => {
      seen.push(`${name} begins`);
      await sleep(ms);
      seen.push(`${name} ends`);
    };
    await Promise.all([turns.take(work('slow', 10)), turns.take(work('fast', 0))]);
    assert.deepEqual(seen, ['slow begins', 'slow ends', 'fast begins', 'fast ends']);
  });

  it('gives a failure to its caller and goes on', async () => {
    const turns = new Turns();
    const failing = turns.take(() => Promise.reject(new Error('mine')));
    const next = turns.take(async () => 'next');
    await assert.rejects(failing, /mine/);
    assert.equal(await next, 'next');
  });
});
