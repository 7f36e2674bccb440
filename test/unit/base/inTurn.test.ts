import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurn } from '../../../src/base/inTurn.js';
import { scratchFolder } from './scratchFolder.js';

describe('inTurn', () => {
  const scratch = scratchFolder();

  it('lets one after the other work, also after one that failed, and leaves nothing', async () => {
    const path = join(scratch(), 'list.json');
    let atWork = 0;
    let most = 0;
    const work = async (fails: boolean): Promise<void> => {
      most = Math.max(most, ++atWork);
      await new Promise(setImmediate);
      atWork--;
      if (fails) throw new Error('of its own');
    };
    const all = await Promise.allSettled([false, true, false].map((fails) => inTurn(path, () => work(fails))));
    assert.deepEqual(all.map(({ status }) => status).sort(), ['fulfilled', 'fulfilled', 'rejected']);
    assert.equal(most, 1);
    assert.deepEqual(await readdir(scratch()), []);
  });
});
