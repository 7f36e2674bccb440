import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installationId } from '../../../src/base/installation.js';
import { scratchFolder } from './scratchFolder.js';

describe('installationId', () => {
  const scratch = scratchFolder();

  it('is six hex digits that stay, also when many ask at once for the first time', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => installationId(scratch())));
    assert.match(ids[0] ?? '', /^[0-9a-f]{6}$/);
    assert.equal(new Set(ids).size, 1);
    assert.equal(await installationId(scratch()), ids[0]);
  });

  it('lies in a file that only its user can read', async () => {
    await installationId(scratch());
    assert.equal((await stat(join(scratch(), '.installation'))).mode & 0o777, 0o600);
  });

  it('says so when it cannot be read', async () => {
    await writeFile(join(scratch(), '.installation'), 'sitespan.*');
    await assert.rejects(installationId(scratch()), { code: 'installation-damaged' });
  });
});
