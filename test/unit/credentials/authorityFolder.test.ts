import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthorityFolder } from '../../../src/credentials/authorityFolder.js';
import { nameHash } from '../../../src/credentials/distinguishedName.js';
import { GridCertificate } from '../../../src/credentials/gridCertificate.js';
import { maySign, parseSigningPolicy } from '../../../src/credentials/signingPolicy.js';
import { GridPki } from './gridPki.js';

describe('A folder of authorities', function () {
  this.timeout(60_000);
  let pki: GridPki;
  beforeEach(() => {
    pki = new GridPki();
  });
  afterEach(() => pki?.remove());
  const read = (now?: Date): Promise<AuthorityFolder> => AuthorityFolder.read(pki.authorities, now);
  const named = (end: string): string => {
    const stem = pki.openssl('x509', '-noout', '-hash', '-in', pki.path('authority/cert.pem')).trim();
    return join(pki.authorities, `${stem}${end}`);
  };

  it('as IGTF lays it out is read without a word', async () => {
    const folder = await read();
    assert.deepEqual([folder.size, folder.warnings, folder.pem.length], [2, [], 2]);
    assert.equal(folder.find('/C=UK/O=eScienceLab/CN=Lab Root')?.certificate.x509.ca, true);
  });

  it("is named as OpenSSL names it, for every authority of this computer's own", () => {
    const bundle = '/etc/ssl/certs/ca-certificates.crt';
    const all = GridCertificate.all(readFileSync(bundle, 'utf8'));
    assert.ok(all.length > 50);
    for (const certificate of all.filter((_, index) => index % 10 === 0)) {
      writeFileSync(pki.path('one.pem'), certificate.pem);
      const expected = pki.openssl('x509', '-noout', '-hash', '-in', pki.path('one.pem')).trim();
      assert.equal(nameHash(certificate.subject), expected, certificate.dn);
    }
  });

  it('says of each fault which authority it is of', async () => {
    renameSync(named('.0'), join(pki.authorities, '01234567.0'));
    writeFileSync(join(pki.authorities, '89abcdef.0'), 'hello');
    writeFileSync(named('.r0'), 'not a list');
    const { warnings } = await read();
    assert.match(warnings.join('\n'), /01234567\.0 should be [0-9a-f]{8}\.0 \(.*Lab CA\)/);
    assert.match(warnings.join('\n'), /89abcdef\.0 is not a certificate/);
  });

  it('tells a missing upper authority, an old list, a foreign policy', async () => {
    const foreign = "access_id_CA X509 '/C=IE/CN=Other'\ncond_subjects globus '\"*\"'\n";
    for (const file of readdirSync(pki.authorities)) {
      if (file.endsWith('.signing_policy')) writeFileSync(join(pki.authorities, file), foreign);
      const [certificate] = file.endsWith('.0') ? GridCertificate.all(pki.read(`certificates/${file}`).toString()) : [];
      if (certificate?.dn.endsWith('Lab Root')) rmSync(join(pki.authorities, file));
    }
    const { warnings } = await read(new Date(Date.now() + 3 * 86_400_000));
    assert.match(warnings.join('\n'), /authority above .*Lab CA \(.*Lab Root\) is missing/);
    assert.match(warnings.join('\n'), /revocation list of .*Lab CA is out of date/);
    assert.match(warnings.join('\n'), /signing policy of .*Lab CA is for another/);
  });

  it('that is not there, or holds none, says how to get one', async () => {
    for (const [path, why] of [
      [pki.path('nowhere'), /does not exist; ask your site/],
      [pki.path('root/cert.pem'), /is not a folder/],
      [pki.path('root'), /has no certificate of an authority.*ca-policy-egi-core/],
    ] as const) {
      await assert.rejects(AuthorityFolder.read(path), { code: 'authorities-missing', message: why });
    }
  });
});

describe('A signing policy', () => {
  const policy = parseSigningPolicy(
    `# of an authority\naccess_id_CA      X509         '/C=UK/O=CA'\npos_rights globus CA:sign\ncond_subjects  globus  '"/C=UK/O=eScience/*" "/C=IE/?"'\n`,
  );

  it('lets its authority sign what its patterns match, and nothing else', () => {
    assert.equal(maySign(policy, '/C=UK/O=CA', '/C=UK/O=eScience/CN=ada'), true);
    assert.equal(maySign(policy, '/C=UK/O=CA', '/C=IE/x'), true);
    assert.equal(maySign(policy, '/C=UK/O=CA', '/C=IE/xy'), false);
    assert.equal(maySign(policy, '/C=UK/O=CA', '/C=UK/O=eScience.evil'), false);
    assert.equal(maySign(policy, '/C=FR/O=CA', '/C=UK/O=eScience/CN=ada'), false);
  });
});
