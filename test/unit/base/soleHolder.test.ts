import assert from 'node:assert/strict';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processMark } from '../../../src/base/child/processMark.js';
import { holdAlone } from '../../../src/base/soleHolder.js';
import { scratchFolder } from './scratchFolder.js';

describe('holdAlone', () => {
  const scratch = scratchFolder();

  it('refuses a second holder, in this process too, until the first lets go', async () => {
    const path = join(scratch(), 'journal.jsonl');
    const held = await holdAlone(path);
    await assert.rejects(holdAlone(path), { code: 'already-held', message: new RegExp(`process ${process.pid}`) });
    await held.release();
    await (await holdAlone(path)).release();
    assert.deepEqual(await readdir(scratch()), []);
  });

  it('refuses while another process lives that holds it', async () => {
    const path = join(scratch(), 'x');
    const parent = await processMark(process.ppid);
    await writeFile(`${path}.held.other`, JSON.stringify(parent));
    await assert.rejects(holdAlone(path), { code: 'already-held', message: new RegExp(`process ${process.ppid}`) });
    // Its own claim is gone again.
    assert.deepEqual(await readdir(scratch()), ['x.held.other']);
  });

  it('takes over from the dead, though their process number lives on', async () => {
    const path = join(scratch(), 'x');
    const parent = await processMark(process.ppid);
    await writeFile(`${path}.held.1`, JSON.stringify({ ...parent, started: 'another time' }));
    await writeFile(`${path}.held.2`, JSON.stringify({ ...parent, boot: 'before the restart' }));
    await (await holdAlone(path)).release();
    assert.deepEqual(await readdir(scratch()), []);
  });

  it('counts a holder in another container while it renews its file', async () => {
    const path = join(scratch(), 'x');
    const file = `${path}.held.7`;
    await writeFile(file, JSON.stringify({ ...(await processMark()), pids: 'pid:[1]' }));
    await assert.rejects(holdAlone(path), { code: 'already-held' });
    const longAgo = Date.now() / 1000 - 3600;
    await utimes(file, longAgo, longAgo);
    await (await holdAlone(path)).release();
  });

  it('holds different things apart', async () => {
    const a = await holdAlone(join(scratch(), 'a'));
    const b = await holdAlone(join(scratch(), 'a.b'));
    await a.release();
    await b.release();
  });
});
