import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { isSystemError, unlessAbsent } from '../../../src/base/systemError.js';

describe('unlessAbsent', () => {
  it('is undefined for a file that is not there, and its content for one that is', async () => {
    assert.equal(await unlessAbsent(readFile('/no/such/file', 'utf8')), undefined);
    assert.match((await unlessAbsent(readFile(import.meta.filename, 'utf8'))) ?? '', /unlessAbsent/);
  });

  it('does not swallow another failure', async () => {
    await assert.rejects(unlessAbsent(readFile('/tmp')), (error) => isSystemError(error, 'EISDIR'));
  });
});
