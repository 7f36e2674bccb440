import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { claimNotice } from '../../../../src/editor/proxy/claimedNotices.js';
import { scratchFolder } from '../../base/scratchFolder.js';

describe('A notice that windows share', () => {
  const scratch = scratchFolder();

  it("is the first one's that asks, and nobody's after that", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => claimNotice(scratch(), 'expired /tmp/x509up_u7')));
    assert.equal(asked.filter((isOurs) => isOurs).length, 1);
    assert.equal(await claimNotice(scratch(), 'expired /tmp/x509up_u7'), false);
    assert.equal(await claimNotice(scratch(), 'expired /tmp/other'), true);
  });

  it('is forgotten after a month', async () => {
    await claimNotice(scratch(), 'old');
    const [name = ''] = await readdir(join(scratch(), 'notices'));
    await utimes(join(scratch(), 'notices', name), 1, 1);
    await claimNotice(scratch(), 'new');
    assert.equal((await readdir(join(scratch(), 'notices'))).length, 1);
  });
});
