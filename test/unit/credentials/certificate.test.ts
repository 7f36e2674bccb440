import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certify } from '../../../src/credentials/certificate.js';

describe('certify', () => {
  const wish = {
    subject: [
      ['O', 'sitespan'],
      ['CN', 'north-3'],
    ] as const,
    notBefore: 1_700_000_000,
    notAfter: 1_900_000_000,
  };

  it('says what was wished', () => {
    const made = new X509Certificate(certify({ ...wish, hosts: ['relay.example.org', '127.0.0.1'] }).cert);
    assert.equal(made.subject, 'O=sitespan\nCN=north-3');
    assert.equal(made.ca, false);
    assert.equal(Date.parse(made.validFrom), 1_700_000_000_000);
    assert.equal(Date.parse(made.validTo), 1_900_000_000_000);
    assert.equal(made.subjectAltName, 'DNS:relay.example.org, IP Address:127.0.0.1');
    assert.deepEqual(made.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  it('gives the key that belongs to it', () => {
    const { cert, key } = certify(wish);
    assert.ok(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)));
  });

  it('can say a time after 2049', () => {
    const made = new X509Certificate(certify({ ...wish, notAfter: 2_600_000_000 }).cert);
    assert.equal(Date.parse(made.validTo), 2_600_000_000_000);
  });

  it('is accepted by openssl at its strictest', () => {
    const folder = mkdtempSync(join(tmpdir(), 'certify-'));
    try {
      const authority = certify({ ...wish, ca: true, subject: [['CN', 'authority']] });
      const leaf = certify(wish, { subject: [['CN', 'authority']], key: createPrivateKey(authority.key) });
      writeFileSync(join(folder, 'ca.pem'), authority.cert);
      writeFileSync(join(folder, 'leaf.pem'), leaf.cert);
      const said = execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-attime', '1800000000', '-CAfile', 'ca.pem', 'leaf.pem'],
        { cwd: folder, encoding: 'utf8' },
      );
      assert.match(said, /leaf.pem: OK/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
