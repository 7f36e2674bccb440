import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { storageTrouble } from '../../../src/base/storageTrouble.js';

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('it worked'),
    (error: unknown) => error,
  );

describe('storageTrouble', () => {
  it('says that a disk is full, and whose', async () => {
    const full = await open('/dev/full', 'w');
    try {
      const said = storageTrouble(await failureOf(full.writeFile('x')), 'The cluster x could not be made', '/home/me');
      assert.equal(said?.code, 'disk-full');
      assert.equal(
        said?.message,
        'The cluster x could not be made: the disk of /home/me on this computer is full; make room there and try again.',
      );
    } finally {
      await full.close();
    }
  });

  it('names the file where the system does', () => {
    const error = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', path: '/home/me/x' });
    assert.match(
      storageTrouble(error, 'It was not written')?.message ?? '',
      /^It was not written: the disk of \/home\/me\/x .* is read-only; /,
    );
  });

  it('has nothing to say of another failure', async () => {
    assert.equal(storageTrouble(await failureOf(writeFile('/none/x', '')), 'It'), undefined);
    assert.equal(storageTrouble('text', 'It'), undefined);
  });
});
