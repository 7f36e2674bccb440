import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  certificateFilesOf,
  findCertificates,
  needsPassphrase,
  openCertificate,
} from '../../../src/credentials/userCertificateFiles.js';
import { GridPki } from './gridPki.js';

describe("A user's certificate", function () {
  this.timeout(60_000);
  let pki: GridPki;
  before(() => {
    pki = new GridPki();
    pki.user('ada');
    pki.user('emmy', { curve: 'prime256v1' });
  });
  after(() => pki?.remove());

  const pair = (name: string, key = pki.path(`${name}/key.pem`)) =>
    certificateFilesOf(pki.path(`${name}/cert.pem`), key);
  const opened = async (files: ReturnType<typeof pair>, passphrase: string | undefined = pki.passphrase) =>
    (await openCertificate(files, passphrase)).chain[0].dn;
  const refused = (files: ReturnType<typeof pair>, passphrase: string | undefined, expected: object): Promise<void> =>
    assert.rejects(openCertificate(files, passphrase), expected);
  const file = (name: string, content: string | Buffer, mode = 0o600): string => {
    const path = pki.path(name);
    writeFileSync(path, content, { mode });
    return path;
  };

  for (const [form, ...how] of [
    ['openssl3', 'pkcs8', '-topk8'],
    ['aes128', 'pkcs8', '-topk8', '-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'],
    ['des3', 'pkcs8', '-topk8', '-v2', 'des3'],
    ['scrypt', 'pkcs8', '-topk8', '-scrypt'],
    ['pbes1', 'pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES'],
    ['traditional', 'rsa', '-traditional', '-aes256'],
    ['traditional-des3', 'rsa', '-traditional', '-des3'],
  ] as const) {
    it(`opens with its key as ${form} protects it, and by its passphrase only`, async () => {
      const files = pair('ada', pki.protect('ada', form, ...how));
      assert.equal(await needsPassphrase(files), true);
      assert.match(await opened(files), /CN=ada lovelace$/);
      await refused(files, 'another', { code: 'passphrase-wrong', message: new RegExp(`${form}\\.pem`) });
      await refused(files, '', { code: 'passphrase-needed' });
    });
  }

  it('opens with an EC key, in clear and protected', async () => {
    assert.match(await opened(pair('emmy')), /CN=emmy/);
    assert.match(await opened(pair('emmy', pki.protect('emmy', 'safe', 'pkcs8', '-topk8'))), /CN=emmy/);
  });

  it('opens as browsers export it, old RC2 files and EC keys, too', async () => {
    const old = ['-legacy'];
    const triple = ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'];
    for (const [form, how] of Object.entries({ plain: [], old, triple })) {
      const files = certificateFilesOf(pki.pkcs12('ada', form, ...how));
      assert.match(await opened(files), /CN=ada/, form);
      await refused(files, 'another', { code: 'passphrase-wrong', message: /\.p12/ });
      await refused(files, '', { code: 'passphrase-needed' });
    }
    assert.match(await opened(certificateFilesOf(pki.pkcs12('emmy', 'plain'))), /CN=emmy/);
  });

  it('is told apart from everything else that a file may hold', async () => {
    const key = pki.path('ada/key.pem');
    const whole = pki.read('ada/cert.pem').toString();
    const der = file('cert.der', Buffer.from(whole.replace(/-----[^\n]+\n?/g, ''), 'base64'));
    const keyless = pki.path('ada/no-certificate.p12');
    pki.openssl('pkcs12', '-export', '-nocerts', '-inkey', key, '-passout', `pass:${pki.passphrase}`, '-out', keyless);
    chmodSync(keyless, 0o600);
    const unreadable: [string, RegExp][] = [
      [file('cut.pem', whole.slice(0, 700)), /cut\.pem .* cut short/],
      [der, /cert\.der .* binary \(DER or PKCS#12\)/],
      [file('empty.pem', ''), /empty\.pem .* is empty/],
      [file('notes.pem', 'dear diary\n'), /no PEM certificate/],
      [file('damaged.pem', whole.replace(/\n.{10}/, '\nAAAAAAAAAA')), /damaged/],
      [key, /holds a key and no certificate; choose usercert\.pem/],
    ];
    for (const [path, message] of unreadable) {
      await refused(certificateFilesOf(path, key), undefined, { code: 'certificate-unreadable', message });
    }
    await refused(certificateFilesOf(keyless), pki.passphrase, {
      code: 'certificate-unreadable',
      message: /no certificate in .*no-certificate\.p12/,
    });
    await refused(certificateFilesOf(file('notes.p12', 'dear diary')), '', { message: /not a \.p12 file/ });
    await refused(pair('ada', pki.path('ada/cert.pem')), undefined, {
      code: 'key-unreadable',
      message: /userkey\.pem/,
    });
    await refused(pair('ada', file('cut-key.pem', pki.read('ada/key.pem').subarray(0, 500))), undefined, {
      code: 'key-unreadable',
      message: /cut short/,
    });
    await refused(pair('ada', pki.path('nowhere.pem')), undefined, {
      code: 'certificate-missing',
      message: /not there/,
    });
    await refused(pair('ada', pki.folder), undefined, { code: 'certificate-missing', message: /is a folder/ });
  });

  it('is refused with a key of somebody else', async () => {
    pki.user('bob');
    await refused(pair('ada', pki.path('bob/key.pem')), undefined, {
      code: 'key-differs',
      message: /bob.*ada lovelace/s,
    });
  });

  it('is refused while others can read its key, and it is said how to mend that', async () => {
    const key = file('open.pem', pki.read('ada/key.pem'));
    chmodSync(key, 0o644);
    await refused(pair('ada', key), undefined, { code: 'key-open-to-others', message: /chmod 600 .*open\.pem/ });
  });

  it("is looked for where grids' tools look for it", async () => {
    const HOME = pki.path('home');
    mkdirSync(join(HOME, '.globus'), { recursive: true });
    assert.deepEqual(await findCertificates({ HOME }), []);
    copyFileSync(pki.path('ada/cert.pem'), join(HOME, '.globus', 'usercert.pem'));
    copyFileSync(pki.path('ada/key.pem'), join(HOME, '.globus', 'userkey.pem'));
    const globus = pairIn(join(HOME, '.globus'));
    assert.deepEqual(await findCertificates({ HOME }), [globus]);
    const own = { X509_USER_CERT: pki.path('ada/cert.pem'), X509_USER_KEY: pki.path('ada/key.pem') };
    assert.deepEqual(await findCertificates({ HOME, ...own }), [pair('ada'), globus]);
  });

  const pairIn = (folder: string) => certificateFilesOf(join(folder, 'usercert.pem'), join(folder, 'userkey.pem'));
});
