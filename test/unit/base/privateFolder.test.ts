import assert from 'node:assert/strict';
import { chmod, chown, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder } from '../../../src/base/privateFolder.js';
import { scratchFolder } from './scratchFolder.js';

describe('privateFolder', () => {
  const scratch = scratchFolder();
  const rights = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  it('makes a folder for its owner alone, whatever the umask, with its parents', async () => {
    const before = process.umask(0);
    try {
      const path = join(scratch(), 'parent', 'child');
      assert.equal(await privateFolder(path), path);
      assert.equal(await rights(path), 0o700);
      assert.equal(await rights(join(scratch(), 'parent')), 0o700);
    } finally {
      process.umask(before);
    }
  });

  it('tightens one that was open', async () => {
    const path = join(scratch(), 'open');
    await mkdir(path);
    await chmod(path, 0o777);
    await privateFolder(path);
    assert.equal(await rights(path), 0o700);
  });

  it('refuses a link to elsewhere, and a file', async () => {
    await symlink('/tmp', join(scratch(), 'link'));
    await assert.rejects(privateFolder(join(scratch(), 'link')), { code: 'folder-not-private' });
    await writeFile(join(scratch(), 'file'), '');
    await assert.rejects(privateFolder(join(scratch(), 'file')), { code: 'folder-not-private' });
  });

  it("refuses another user's folder, and leaves it as it is", async () => {
    // Only root can give a folder away; to everybody else the root folder is another's.
    const root = process.getuid?.() === 0;
    const path = root ? join(scratch(), 'theirs') : '/';
    if (root) {
      await mkdir(path, { mode: 0o755 });
      await chown(path, 12345, 12345);
    }
    const before = await rights(path);
    await assert.rejects(privateFolder(path), { code: 'folder-not-private', message: /another user/ });
    assert.equal(await rights(path), before);
  });
});
