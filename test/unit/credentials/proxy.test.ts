import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { AuthorityFolder } from '../../../src/credentials/authorityFolder.js';
import { checkChain } from '../../../src/credentials/checkChain.js';
import { GridCertificate } from '../../../src/credentials/gridCertificate.js';
import { makeProxy, type ProxyWish, proxyPem } from '../../../src/credentials/proxy.js';
import { openPair, openProxy, type UserCredential } from '../../../src/credentials/userCredential.js';
import { GridPki } from './gridPki.js';

describe('A proxy', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let ada: UserCredential;
  let folder: AuthorityFolder;

  before(async () => {
    pki = new GridPki();
    pki.user('ada');
    ada = credentialOf('ada');
    folder = await AuthorityFolder.read(pki.authorities);
  });
  after(() => pki?.remove());

  const credentialOf = (name: string): UserCredential => {
    const file = (path: string) => ({ path, content: pki.read(path) });
    return openPair(file(`${name}/cert.pem`), file(`${name}/key.pem`));
  };
  const hour: ProxyWish = { seconds: 3600 };
  const made = async (wish: ProxyWish, from = ada): Promise<UserCredential> =>
    openProxy({ path: 'proxy', content: Buffer.from(proxyPem(await makeProxy(from, wish))) });

  it('is taken by OpenSSL, with its group and revocation lists looked at', async () => {
    const pem = proxyPem(await makeProxy(ada, { ...hour, group: 'gridpp_user' }));
    writeFileSync(pki.path('proxy.pem'), pem, { mode: 0o600 });
    const strict = ['-allow_proxy_certs', '-crl_check_all', '-CApath', pki.authorities];
    const said = pki.openssl('verify', strict, '-untrusted', pki.path('proxy.pem'), pki.path('proxy.pem'));
    assert.match(said, /proxy\.pem: OK/);
    const text = pki.openssl('x509', '-noout', '-text', '-in', pki.path('proxy.pem'));
    assert.match(text, /Proxy Certificate Information: critical[\s\S]*Policy Language: Inherit all/);
    assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature, Key Encipherment, Data Encipherment\n/);
  });

  it("bears its issuer's name byte for byte and a number, and tells its group", async () => {
    const { chain } = await made({ ...hour, group: 'gridpp_user' });
    assert.match(chain[0].dn, /^\/C=UK\/O=eScienceLab\/OU=Imperial\/CN=ada lovelace\/CN=\d+$/);
    assert.deepEqual(
      { ...checkChain(chain, folder), warnings: [] },
      { identity: ada.chain[0].dn, proxies: 1, limited: false, group: 'gridpp_user', warnings: [] },
    );
  });

  it('ends with what it was made from', async () => {
    const parent = await made({ seconds: 600 });
    const { chain } = await made({ seconds: 86_400 }, parent);
    assert.equal(chain[0].notAfter.getTime(), parent.chain[0].notAfter.getTime());
    await assert.rejects(makeProxy(parent, { ...hour, now: new Date(Date.now() + 700_000) }), {
      code: 'credential-expired',
      message: /^The proxy .* expired at .*; make a new one from your certificate\.$/,
    });
  });

  it('is limited where its parent is, whatever is asked for', async () => {
    const parent = await made({ ...hour, limited: true });
    const { chain } = await made(hour, parent);
    assert.equal(checkChain(chain, folder).limited, true);
  });

  it('begets no more than its parent allows', async () => {
    const last = await made({ ...hour, pathLength: 0 });
    await assert.rejects(makeProxy(last, hour), { code: 'proxy-path-length' });
  });

  it('names no group that DIRAC could not', async () => {
    await assert.rejects(makeProxy(ada, { ...hour, group: 'grid pp' }), { code: 'group-invalid', message: /grid pp/ });
  });

  it('is made from an EC certificate, too, and OpenSSL takes it', async () => {
    pki.user('emmy', { curve: 'prime256v1' });
    writeFileSync(pki.path('ec.pem'), proxyPem(await makeProxy(credentialOf('emmy'), hour)), { mode: 0o600 });
    const given = ['-allow_proxy_certs', '-CApath', pki.authorities, '-untrusted', pki.path('ec.pem')];
    assert.match(pki.openssl('verify', given, pki.path('ec.pem')), /ec\.pem: OK/);
  });

  describe('that is not right', () => {
    const refused = (chain: readonly GridCertificate[], expected: object, now?: Date): void => {
      assert.throws(() => checkChain(chain, folder, now), expected);
    };

    it('is refused when it has expired, or its clock is not ours', async () => {
      const { chain } = await made(hour);
      refused(chain, { code: 'proxy-expired', message: /make a new one/ }, new Date(Date.now() + 2 * 3_600_000));
      const early = new Date(Date.now() - 3_600_000);
      refused(chain, { code: 'certificate-not-yet-valid', message: /set the clock/ }, early);
    });

    it('is refused when a certificate of its chain is missing or another', async () => {
      pki.user('bob');
      const [proxy, own] = (await made(hour)).chain;
      refused([proxy], { code: 'proxy-invalid', message: /own certificate is missing/ });
      refused([proxy, ...credentialOf('bob').chain], { code: 'proxy-invalid', message: /did not issue it/ });
      assert.ok(own);
    });

    it('is refused when one bit of it was changed', async () => {
      const [proxy, ...above] = (await made(hour)).chain;
      const der = Buffer.from(proxy.der);
      der.writeUInt8(der.readUInt8(der.length - 20) ^ 1, der.length - 20);
      refused([new GridCertificate(der), ...above], { code: 'proxy-invalid', message: /signature is bad/ });
    });
  });

  describe('of a certificate', () => {
    it('that was revoked is refused, and the authority is named', async () => {
      pki.user('eve');
      const eve = credentialOf('eve');
      pki.revoke('eve');
      const now = await AuthorityFolder.read(pki.authorities);
      assert.throws(() => checkChain(eve.chain, now), {
        code: 'certificate-revoked',
        message: /revoked by .*CN=Lab CA/,
      });
      assert.equal(checkChain(ada.chain, now).identity, ada.chain[0].dn);
    });

    it('of an unknown authority is refused, and it is said where authorities come from', async () => {
      const other = new GridPki();
      try {
        const others = await AuthorityFolder.read(other.authorities);
        // The same names, but other keys.
        assert.throws(() => checkChain(ada.chain, others), { code: 'certificate-invalid', message: /not signed by/ });
      } finally {
        other.remove();
      }
    });

    it('that its authority may not sign is refused', async () => {
      pki.publish('authority', '"/C=IE/*"');
      const now = await AuthorityFolder.read(pki.authorities);
      pki.publish('authority', '"/C=UK/O=eScienceLab/*"');
      assert.throws(() => checkChain(ada.chain, now), {
        code: 'authority-forbids',
        message: /signing policy of .*Lab CA/,
      });
    });

    it('whose revocation list is out of date is taken, with a warning', () => {
      const { warnings } = checkChain(ada.chain, folder, new Date(Date.now() + 3 * 86_400_000));
      assert.match(warnings.join(' '), /revocation list of .*Lab CA is out of date .*fetch-crl/);
    });

    it('that has expired is refused', () => {
      assert.throws(() => checkChain(ada.chain, folder, new Date(Date.now() + 400 * 86_400_000)), {
        code: 'certificate-expired',
        message: /ask your certification authority to renew it/,
      });
    });
  });
});
