import assert from 'node:assert/strict';
import { certificateFilesOf } from '../../../../src/credentials/userCertificateFiles.js';
import { initProxy } from '../../../../src/owner/proxy/initProxy.js';
import { inspectProxy, proxyReport } from '../../../../src/owner/proxy/inspectProxy.js';
import type { ProxyUse } from '../../../../src/owner/proxy/proxiesInUse.js';
import { GridPki } from '../../credentials/gridPki.js';

describe('What is told of a proxy', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let use: ProxyUse;

  before(async () => {
    pki = new GridPki();
    pki.user('ada');
    const path = pki.path('proxy');
    const files = certificateFilesOf(pki.path('ada/cert.pem'), pki.path('ada/key.pem'));
    const passphrase = () => assert.fail('no passphrase is needed');
    const authorities = pki.authorities;
    await initProxy({ files, passphrase, authorities, group: 'gridpp_user', hours: 12, path });
    use = { path, grids: ['gridpp'], clusters: ['ttbar'], groups: ['gridpp_user'], authorities };
  });
  after(() => pki?.remove());

  const told = async (changes: Partial<ProxyUse> = {}, now = new Date()): Promise<string> =>
    proxyReport([await inspectProxy({ ...use, ...changes }, now)], now);

  it('is whose it is, who says so, for what, and how long', async () => {
    const report = await told();
    assert.match(report, /^# Proxy\n\n## .*\/proxy\n/);
    assert.match(report, /^- Identity: \/C=UK\/O=eScienceLab\/OU=Imperial\/CN=ada lovelace$/m);
    assert.match(report, /^- Issuer: .*CN=Lab CA$/m);
    assert.match(report, /^- Group: gridpp_user$/m);
    assert.match(report, /^- Left: 1[12] h.*, until 2\d{3}-\d\d-\d\d \d\d:\d\d UTC$/m);
    assert.match(report, /^- For: gridpp\n- Used by: ttbar\n$/m);
    assert.doesNotMatch(report, /wrong/);
  });

  it('is what is wrong with it', async () => {
    const later = new Date(Date.now() + 13 * 3_600_000);
    assert.match(
      await told({}, later),
      /- Left: nothing, it expired at .*\n[\s\S]*### What is wrong\n\n- The proxy .* expired at/,
    );
    assert.match(
      await told({ groups: ['na62_user'] }),
      /- It is for the group gridpp_user, and .* na62_user: give each/,
    );
    assert.match(await told({ authorities: pki.path('none') }), /- Not checked as servers do: .*none/);
  });

  it('is why it cannot be told, beside others that can', async () => {
    const missing = await inspectProxy({ ...use, path: pki.path('nothing') });
    const report = proxyReport([await inspectProxy(use), missing], new Date());
    assert.match(report, /- Identity: [\s\S]*## .*\/nothing\n[\s\S]*\*\*There is no proxy .*nothing/);
  });
});
