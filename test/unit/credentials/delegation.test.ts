import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { signDelegation } from '../../../src/credentials/delegation.js';
import { GridCertificate } from '../../../src/credentials/gridCertificate.js';
import { openPair, type UserCredential } from '../../../src/credentials/userCredential.js';
import { GridPki } from './gridPki.js';

describe('A delegation', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let ada: UserCredential;
  before(() => {
    pki = new GridPki();
    pki.user('ada');
    const file = (path: string) => ({ path, content: pki.read(path) });
    ada = openPair(file('ada/cert.pem'), file('ada/key.pem'));
  });
  after(() => pki?.remove());

  const request = (bits: number): string => {
    const files = ['-keyout', pki.path('server.pem'), '-out', pki.path('request.pem')];
    pki.openssl('req', '-newkey', `rsa:${bits}`, '-nodes', '-subj', '/CN=proxy', files);
    return pki.read('request.pem').toString();
  };

  it("gives the server's key a proxy that OpenSSL takes, without a group and without a private key", () => {
    const pem = signDelegation(ada, request(2048), { seconds: 86_400 });
    writeFileSync(pki.path('delegated.pem'), pem);
    assert.doesNotMatch(pem, /PRIVATE KEY/);
    const [proxy, own] = GridCertificate.all(pem);
    assert.equal(proxy?.diracGroup, undefined);
    assert.equal(own?.dn, ada.chain[0].dn);
    const given = ['-allow_proxy_certs', '-CApath', pki.authorities, '-untrusted', pki.path('delegated.pem')];
    assert.match(pki.openssl('verify', given, pki.path('delegated.pem')), /: OK/);
    const keys = [
      pki.openssl('x509', '-noout', '-pubkey', '-in', pki.path('delegated.pem')),
      pki.openssl('pkey', '-pubout', '-in', pki.path('server.pem')),
    ];
    assert.equal(keys[0], keys[1]);
  });

  it('is not signed for a request that was tampered with, has a short key, or is none', () => {
    const good = request(2048);
    const lines = good.split('\n');
    lines[3] = [...(lines[3] ?? '')].reverse().join('');
    assert.throws(() => signDelegation(ada, request(1024), { seconds: 60 }), {
      code: 'delegation-key-short',
      message: /its key has 1024 bits/,
    });
    for (const bad of [lines.join('\n'), 'hello', '']) {
      assert.throws(() => signDelegation(ada, bad, { seconds: 60 }), {
        code: 'delegation-request-invalid',
        message: /^The server's request for a proxy cannot be signed: /,
      });
    }
  });
});
