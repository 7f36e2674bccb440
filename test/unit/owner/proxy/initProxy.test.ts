import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { readProxyFile } from '../../../../src/credentials/proxyFile.js';
import { certificateFilesOf } from '../../../../src/credentials/userCertificateFiles.js';
import { initProxy, type ProxyOrder } from '../../../../src/owner/proxy/initProxy.js';
import { proxyInfo } from '../../../../src/owner/proxy/proxyInfo.js';
import { GridPki } from '../../credentials/gridPki.js';

const dayMs = 86_400_000;

describe('A proxy that is asked for', function () {
  this.timeout(60_000);
  let pki: GridPki;

  before(() => {
    pki = new GridPki();
    pki.user('ada');
  });
  after(() => pki?.remove());

  const unasked = (): Promise<string> => assert.fail('no passphrase is needed');
  const filesOf = (name: string, key = pki.path(`${name}/key.pem`)) =>
    certificateFilesOf(pki.path(`${name}/cert.pem`), key);
  const made = (name: string, changes: Partial<ProxyOrder> = {}) =>
    initProxy({
      ...{ files: filesOf(name), passphrase: unasked, authorities: pki.authorities },
      ...{ hours: 12, path: pki.path(`${name}.proxy`) },
      ...changes,
    });

  it("is made of the user's certificate, for a group, and lies where it was wanted", async () => {
    const done: string[] = [];
    const progress = (sentence: string) => done.push(sentence);
    const written: string[] = [];
    const onWritten: ProxyOrder['onWritten'] = (one) => written.push(one.facts.path);
    const { facts, warnings } = await made('ada', { group: 'gridpp_user', progress, onWritten });
    assert.deepEqual(written, [facts.path]);
    assert.deepEqual(warnings, []);
    assert.match(done.join(), /ada\.proxy/);
    assert.deepEqual([facts.group, facts.proxies, facts.limited], ['gridpp_user', 1, false]);
    assert.ok(Math.abs(facts.expires.getTime() - Date.now() - dayMs / 2) < 60_000);
    assert.equal(statSync(facts.path).mode & 0o777, 0o600);
    const strict = ['-allow_proxy_certs', '-crl_check_all', '-CApath', pki.authorities];
    assert.match(pki.openssl('verify', strict, '-untrusted', facts.path, facts.path), /ada\.proxy: OK/);
    const info = await proxyInfo(facts.path, { authorities: pki.authorities });
    assert.deepEqual([info.problem, info.facts], [undefined, facts]);
  });

  it('asks for the passphrase of the very file, and only where one is needed', async () => {
    const asked: string[] = [];
    const passphrase = async (what: string): Promise<string> => {
      asked.push(what);
      return pki.passphrase;
    };
    const key = pki.protect('ada', 'safe', 'pkcs8', '-topk8');
    await made('ada', { files: filesOf('ada', key), passphrase });
    const p12 = pki.pkcs12('ada', 'browser');
    await made('ada', { files: certificateFilesOf(p12), passphrase });
    assert.deepEqual(asked, [key, p12]);
  });

  it('is not made with a wrong passphrase, or an empty one, and what was there stays', async () => {
    const before = await readProxyFile(pki.path('ada.proxy'));
    const files = filesOf('ada', pki.protect('ada', 'safe', 'pkcs8', '-topk8'));
    await assert.rejects(made('ada', { files, passphrase: async () => 'wrong' }), { code: 'passphrase-wrong' });
    await assert.rejects(made('ada', { files, passphrase: async () => '' }), { code: 'passphrase-needed' });
    const after = await readProxyFile(pki.path('ada.proxy'));
    assert.deepEqual(after.chain[0].der, before.chain[0].der);
  });

  it('of a limited proxy is limited', async () => {
    const { facts } = await made('ada', { limited: true, path: pki.path('limited') });
    const again = await made('ada', { files: certificateFilesOf(facts.path), path: pki.path('again') });
    assert.deepEqual([again.facts.proxies, again.facts.limited], [2, true]);
    assert.equal((await proxyInfo(pki.path('again'), { authorities: pki.authorities })).problem, undefined);
  });

  it('is not written any more where it was cancelled', async () => {
    const path = pki.path('cancelled');
    await assert.rejects(made('ada', { path, signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.equal(existsSync(path), false);
  });

  it('cannot lie in a folder', async () => {
    await assert.rejects(made('ada', { path: pki.folder }), { code: 'proxy-unwritable', message: /is a folder/ });
  });

  describe('is not made, and it is said why, of a certificate', () => {
    it('that has expired', async () => {
      pki.user('old', { from: '20240101000000Z', until: '20240131000000Z' });
      await assert.rejects(made('old'), {
        code: 'certificate-expired',
        message: /The certificate \/C=UK.*CN=old lovelace expired at 2024-01-31.*renew/,
      });
    });

    it('that is not valid yet', async () => {
      const from = new Date(Date.now() + dayMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
      pki.user('new', { from, days: 30 });
      await assert.rejects(made('new'), { code: 'certificate-not-yet-valid', message: /set the clock, or wait/ });
    });

    it('that was revoked', async () => {
      pki.user('eve');
      pki.revoke('eve');
      await assert.rejects(made('eve'), { code: 'certificate-revoked', message: /revoked by .*CN=Lab CA/ });
    });

    it('of an authority that is not known here', async () => {
      pki.host('server', 'DNS:server');
      const folder = pki.path('others');
      mkdirSync(folder);
      const file = pki.path('other-ca.pem');
      const files = ['-keyout', pki.path('other-ca.key'), '-out', file];
      pki.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Elsewhere/CN=Other CA', files);
      writeFileSync(
        `${folder}/${pki.openssl('x509', '-noout', '-hash', '-in', file).trim()}.0`,
        pki.read('other-ca.pem'),
      );
      await assert.rejects(made('ada', { authorities: folder }), {
        code: 'authority-unknown',
        message: /CN=Lab CA, which signed .*CN=ada lovelace, is not in .*others .*ca-policy-egi-core/,
      });
    });

    it('that lies nowhere', async () => {
      const [home, own] = [process.env['HOME'], process.env['X509_USER_CERT']];
      try {
        process.env['HOME'] = pki.path('nobody');
        delete process.env['X509_USER_CERT'];
        await assert.rejects(made('ada', { files: undefined }), {
          code: 'certificate-missing',
          message: /~\/\.globus\/usercert\.pem/,
        });
      } finally {
        process.env['HOME'] = home;
        if (own !== undefined) process.env['X509_USER_CERT'] = own;
      }
    });
  });

  describe('is made with a warning', () => {
    it('where there is no folder of authorities; but not where one was named', async () => {
      const before = process.env['X509_CERT_DIR'];
      try {
        process.env['X509_CERT_DIR'] = pki.path('none');
        const { warnings } = await made('ada', { authorities: undefined });
        assert.match(warnings.join(), /Not checked as servers do: .*none .* does not exist; .*Debian/);
      } finally {
        if (before === undefined) delete process.env['X509_CERT_DIR'];
        else process.env['X509_CERT_DIR'] = before;
      }
      await assert.rejects(made('ada', { authorities: pki.path('none') }), { code: 'authorities-missing' });
    });

    it('where a revocation list is out of date', async () => {
      const { warnings } = await made('ada', { now: new Date(Date.now() + 3 * dayMs) });
      assert.match(warnings.join(), /revocation list of .*Lab CA is out of date .*fetch-crl/);
    });

    it('where the certificate will soon end', async () => {
      pki.user('late', { days: 5 });
      const { warnings } = await made('late');
      assert.match(warnings.join(), /CN=late lovelace expires in 5 d/);
    });
  });

  describe('and looked at later', () => {
    it('tells that it has expired, with and without authorities', async () => {
      const { facts } = await made('ada');
      const now = new Date(facts.expires.getTime() + 1000);
      for (const authorities of [pki.authorities, undefined]) {
        const { problem } = await proxyInfo(facts.path, { authorities, now });
        assert.equal(problem?.code, 'proxy-expired');
        assert.match(problem?.message ?? '', /make a new one/);
      }
    });

    it('is missing, or no proxy', async () => {
      await assert.rejects(proxyInfo(pki.path('nothing')), { code: 'proxy-missing' });
      await assert.rejects(proxyInfo(pki.path('ada/cert.pem')), { code: 'proxy-unreadable' });
    });
  });
});
