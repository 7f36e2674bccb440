import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AuthorityFolder } from '../../../../src/credentials/authorityFolder.js';
import { checkChain } from '../../../../src/credentials/checkChain.js';
import { GridCertificate } from '../../../../src/credentials/gridCertificate.js';
import { makeProxy } from '../../../../src/credentials/proxy.js';
import { openPair, type UserCredential } from '../../../../src/credentials/userCredential.js';
import { uploadProxy } from '../../../../src/owner/proxy/uploadProxy.js';
import { GridPki } from '../../credentials/gridPki.js';
import { Servers } from '../../grid/dirac/servers.js';

/** What DIRAC's ProxyManager answers, as a real one was seen to. */
describe('A proxy that is uploaded', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let servers: Servers;
  let ada: UserCredential;
  let request: string;
  let completed: unknown[];
  let paths: string[];

  before(() => {
    pki = new GridPki();
    pki.user('ada');
    pki.host('localhost', 'DNS:localhost');
    const file = (path: string) => ({ path, content: pki.read(path) });
    ada = openPair(file('ada/cert.pem'), file('ada/key.pem'));
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', pki.path('delegated.key')];
    request = pki.openssl('req', '-new', key, '-subj', '/CN=proxy');
    servers = new Servers(pki);
  });
  beforeEach(() => {
    [completed, paths] = [[], []];
  });
  afterEach(() => servers?.stop());
  after(() => pki?.remove());

  const manager =
    (path: string) =>
    async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
      let body = '';
      for await (const piece of asked) body += String(piece);
      paths.push(asked.url ?? '');
      if (asked.url !== path) {
        answer.writeHead(404).end();
        return;
      }
      const form = new URLSearchParams(body);
      const method = form.get('method') ?? '';
      if (method === 'completeDelegationUpload') completed = JSON.parse(form.get('args') ?? '[]');
      const stored = {
        [ada.chain[0].dn]: {
          '': { __dCls: 'dt', obj: '2027-01-01 00:00:00' },
          users: { __dCls: 'dt', obj: '2026-12-31 00:00:00' },
        },
      };
      const value = method === 'requestDelegationUpload' ? { id: 7, request } : stored;
      answer.setHeader('content-type', 'application/json').end(JSON.stringify({ OK: true, Value: value }));
    };
  const serve = (path: string) =>
    servers.secure((asked, answer) => {
      manager(path)(asked, answer).catch(() => answer.destroy());
    });

  it("is signed by the certificate for the server's key, and it is told what the server keeps", async () => {
    const address = await serve('/Framework/ProxyManager');
    const { stored, warnings } = await uploadProxy({ address, authorities: pki.authorities }, ada, { days: 7 });
    assert.deepEqual(warnings, []);
    assert.deepEqual(stored, [
      { identity: ada.chain[0].dn, expires: new Date('2027-01-01T00:00:00Z') },
      { identity: ada.chain[0].dn, group: 'users', expires: new Date('2026-12-31T00:00:00Z') },
    ]);
    const [id, pem] = completed;
    assert.equal(id, 7);
    const text = String(pem);
    assert.doesNotMatch(text, /PRIVATE KEY/);
    const chain = GridCertificate.all(text);
    const { identity, group } = checkChain(chain, await AuthorityFolder.read(pki.authorities));
    assert.deepEqual([identity, group], [ada.chain[0].dn, undefined]);
    assert.ok(Math.abs((chain[0]?.notAfter.getTime() ?? 0) - Date.now() - 7 * 86_400_000) < 60_000);
    writeFileSync(pki.path('delegated.pem'), text);
    const modulus = (what: string, name: string) => pki.openssl(what, '-noout', '-modulus', '-in', pki.path(name));
    assert.equal(modulus('x509', 'delegated.pem'), modulus('rsa', 'delegated.key'));
  });

  it("finds the service by the other name that DIRAC's installer gives it", async () => {
    const address = await serve('/Framework/TornadoProxyManager');
    await uploadProxy({ address: `${address}/`, authorities: pki.authorities }, ada, { days: 7 });
    assert.deepEqual(new Set(paths), new Set(['/Framework/ProxyManager', '/Framework/TornadoProxyManager']));
  });

  it('takes the whole address of a service, too', async () => {
    const address = await serve('/Elsewhere/Manager');
    await uploadProxy({ address: `${address}/Elsewhere/Manager`, authorities: pki.authorities }, ada, { days: 7 });
    assert.deepEqual(new Set(paths), new Set(['/Elsewhere/Manager']));
    await assert.rejects(uploadProxy({ address: 'dips://dirac.example:9152' }, ada, { days: 7 }), {
      code: 'grid-address-invalid',
      message: /dips:\/\/ cannot be used/,
    });
  });

  it('is not asked for with a certificate that has ended', async () => {
    const ended = await makeProxy(ada, { seconds: 60, now: new Date(Date.now() - 3_600_000) });
    const address = await serve('/Framework/ProxyManager');
    await assert.rejects(uploadProxy({ address, authorities: pki.authorities }, ended, { days: 7 }), {
      code: 'proxy-expired',
    });
    assert.deepEqual(paths, []);
  });
});
