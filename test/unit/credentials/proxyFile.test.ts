import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { makeProxy, proxyPem } from '../../../src/credentials/proxy.js';
import {
  destroyProxy,
  proxyFacts,
  readProxyFile,
  usualProxyPath,
  writeProxy,
} from '../../../src/credentials/proxyFile.js';
import { openPair } from '../../../src/credentials/userCredential.js';
import { GridPki } from './gridPki.js';

describe("A proxy's file", function () {
  this.timeout(60_000);
  let pki: GridPki;
  let pem: string;
  before(async () => {
    pki = new GridPki();
    pki.user('ada');
    const file = (path: string) => ({ path, content: pki.read(path) });
    const ada = openPair(file('ada/cert.pem'), file('ada/key.pem'));
    pem = proxyPem(await makeProxy(ada, { seconds: 3600, group: 'gridpp_user' }));
  });
  after(() => pki?.remove());

  it("is its owner's alone, and tells what it is", async () => {
    const path = pki.path('x509up');
    await writeProxy(path, pem);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const { identity, proxies, limited, group, voms, expires } = proxyFacts(path, (await readProxyFile(path)).chain);
    assert.deepEqual([proxies, limited, group, voms], [1, false, 'gridpp_user', false]);
    assert.match(identity, /CN=ada lovelace$/);
    assert.ok(Math.abs(expires.getTime() - Date.now() - 3_600_000) < 60_000);
    assert.equal(await destroyProxy(path), true);
    assert.equal(await destroyProxy(path), false);
  });

  it('that is missing, a folder, open to others or not a proxy is refused with a sentence', async () => {
    const open = pki.path('open');
    writeFileSync(open, pem);
    chmodSync(open, 0o644);
    writeFileSync(pki.path('noise'), 'noise', { mode: 0o600 });
    for (const [path, code, message] of [
      [pki.path('none'), 'proxy-missing', /sitespan proxy init/],
      [pki.folder, 'proxy-unreadable', /is not a file/],
      [open, 'proxy-unreadable', /can be read by others/],
      [pki.path('noise'), 'proxy-unreadable', /noise .* is not a whole proxy/],
    ] as const) {
      await assert.rejects(readProxyFile(path), { code, message });
    }
  });

  it('cannot be a folder', async () => {
    mkdirSync(pki.path('folder'));
    await assert.rejects(writeProxy(pki.path('folder'), pem), { code: 'proxy-unwritable', message: /is a folder/ });
    await assert.rejects(writeProxy(pki.path('none/x509up'), pem), {
      code: 'proxy-unwritable',
      message: /choose another/,
    });
  });

  it('takes the place of no key, and no key is removed for it', async () => {
    const key = pki.path('ada/key.pem');
    await assert.rejects(writeProxy(key, pem), {
      code: 'proxy-unwritable',
      message: /holds a private key and no proxy/,
    });
    await assert.rejects(destroyProxy(key), { code: 'proxy-unreadable', message: /is left as it is/ });
    assert.match(pki.read('ada/key.pem').toString(), /PRIVATE KEY/);
    const path = pki.path('again');
    await writeProxy(path, pem);
    await writeProxy(path, pem);
  });

  it("lies where grids' tools look for it", () => {
    assert.equal(usualProxyPath({ X509_USER_PROXY: '/home/ada/proxy' }), '/home/ada/proxy');
    assert.match(usualProxyPath({ TMPDIR: '/scratch' }), /^\/tmp\/x509up_u\d+$/);
  });
});
