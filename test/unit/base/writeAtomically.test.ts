import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically, writeOnce } from '../../../src/base/writeAtomically.js';
import { scratchFolder } from './scratchFolder.js';

describe('writeAtomically', () => {
  const scratch = scratchFolder();

  it('replaces the whole content, with rights for the owner alone, and leaves nothing beside it', async () => {
    const path = join(scratch(), 'user.key');
    await writeFile(path, 'something longer', { mode: 0o644 });
    await writeAtomically(path, 'new');
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(scratch()), ['user.key']);
  });

  it('gives the rights it is asked for, whatever the umask', async () => {
    const path = join(scratch(), 'start.sh');
    await writeAtomically(path, '', 0o755);
    assert.equal((await stat(path)).mode & 0o777, 0o755);
  });

  it('leaves nothing behind when it cannot', async () => {
    await assert.rejects(writeAtomically(scratch(), 'a folder is in the way'));
    assert.deepEqual(await readdir(scratch()), []);
  });
});

describe('writeOnce', () => {
  const scratch = scratchFolder();

  it('lets one of many writers at once win', async () => {
    const path = join(scratch(), 'kept.json');
    const names = ['a', 'b', 'c', 'd', 'e'];
    const won = await Promise.all(names.map((name) => writeOnce(path, name)));
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal(await readFile(path, 'utf8'), names[won.indexOf(true)]);
    assert.deepEqual(await readdir(scratch()), ['kept.json']);
  });
});
