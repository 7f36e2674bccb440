import assert from 'node:assert/strict';
import { join } from 'node:path';
import { usableProxy } from '../../../src/owner/usableProxy.js';
import { FakeDirac } from '../grid/dirac/fakeDirac.js';

describe('A proxy that can be used', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  before(async () => {
    dirac = await FakeDirac.start();
  });
  after(() => dirac?.stop());

  it('tells its group', async () => {
    assert.equal((await usableProxy(dirac.proxy, dirac.pki.authorities)).group, 'gridpp_user');
  });

  it('is none that is missing, has ended, or ends at once', async () => {
    await assert.rejects(usableProxy(join(dirac.pki.authorities, 'none')), { code: 'proxy-missing' });
    const { expires } = await usableProxy(dirac.proxy);
    const at = (ms: number): Date => new Date(expires.getTime() + ms);
    await assert.rejects(usableProxy(dirac.proxy, undefined, at(1000)), { code: /proxy-expired|certificate-expired/ });
    await assert.rejects(usableProxy(dirac.proxy, undefined, at(-30_000)), {
      code: 'proxy-expired',
      message: /ends in 30 s; make a new one/,
    });
  });
});
