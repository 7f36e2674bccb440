import assert from 'node:assert/strict';
import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beat, beatsLately, silenceMs } from '../../../src/base/heartbeat.js';
import { scratchFolder } from './scratchFolder.js';

describe('a heartbeat', () => {
  const scratch = scratchFolder();

  it('is heard when it is fresh, and not when it is old or was never there', async () => {
    const path = join(scratch(), 'alive');
    assert.equal(await beatsLately(path), false);
    await writeFile(path, '');
    assert.equal(await beatsLately(path), true);
    const old = (Date.now() - 2 * silenceMs) / 1000;
    await utimes(path, old, old);
    assert.equal(await beatsLately(path), false);
    await beat(path);
    assert.equal(await beatsLately(path), true);
  });

  it('does not make the file of one that has gone', async () => {
    const path = join(scratch(), 'gone');
    await beat(path);
    await assert.rejects(stat(path), { code: 'ENOENT' });
  });
});
