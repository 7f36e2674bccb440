import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { certificateFilesOf } from '../../../../src/credentials/userCertificateFiles.js';
import {
  filesOfChosen,
  offeredCertificate,
  offeredCertificates,
} from '../../../../src/owner/proxy/offeredCertificates.js';
import { GridPki } from '../../credentials/gridPki.js';

describe('Certificates that are offered', function () {
  this.timeout(60_000);
  let pki: GridPki;
  const names = ['HOME', 'X509_USER_CERT', 'X509_USER_KEY'] as const;
  const before_ = names.map((name) => [name, process.env[name]] as const);

  before(() => {
    pki = new GridPki();
    pki.user('ada');
    for (const name of names) delete process.env[name];
    process.env['HOME'] = pki.path('home');
  });
  after(() => {
    for (const [name, value] of before_) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    pki?.remove();
  });

  it('are those where grid tools look, with whose they are and until when', async () => {
    assert.deepEqual(await offeredCertificates(), []);
    const globus = pki.path('home/.globus');
    mkdirSync(globus, { recursive: true });
    copyFileSync(pki.path('ada/cert.pem'), `${globus}/usercert.pem`);
    copyFileSync(pki.protect('ada', 'safe', 'pkcs8', '-topk8'), `${globus}/userkey.pem`);
    copyFileSync(pki.pkcs12('ada', 'browser'), `${globus}/usercred.p12`);
    const [pair, browser, ...more] = await offeredCertificates();
    assert.deepEqual(more, []);
    assert.match(pair?.identity ?? '', /CN=ada lovelace$/);
    assert.ok((pair?.expires?.getTime() ?? 0) > Date.now());
    assert.deepEqual([pair?.path, pair?.needsPassphrase], [`${globus}/usercert.pem`, true]);
    const told = [browser?.path, browser?.identity, browser?.needsPassphrase];
    assert.deepEqual(told, [`${globus}/usercred.p12`, undefined, true]);
  });

  it('ask no passphrase where the key has none', async () => {
    const files = certificateFilesOf(pki.path('ada/cert.pem'), pki.path('ada/key.pem'));
    assert.equal((await offeredCertificate(files)).needsPassphrase, false);
    await assert.rejects(offeredCertificate(certificateFilesOf(pki.path('none.pem'))), { code: 'certificate-missing' });
  });

  it('are chosen by one file: the key is in it or beside it, or must be named', async () => {
    const alone = pki.path('ada/cert.pem');
    assert.equal(await filesOfChosen(alone), undefined);
    const both = pki.path('ada/both.pem');
    writeFileSync(both, Buffer.concat([pki.read('ada/cert.pem'), pki.read('ada/key.pem')]));
    assert.deepEqual(await filesOfChosen(both), certificateFilesOf(both));
    assert.deepEqual(await filesOfChosen('/me/cert.P12'), { kind: 'pkcs12', path: '/me/cert.P12' });
    copyFileSync(pki.path('ada/key.pem'), pki.path('ada/userkey.pem'));
    assert.deepEqual(await filesOfChosen(alone), certificateFilesOf(alone, pki.path('ada/userkey.pem')));
  });

  it('say what is wrong with what is none when they are opened, so any file can be chosen', async () => {
    const text = pki.path('notes.txt');
    writeFileSync(text, 'not a certificate');
    assert.deepEqual(await filesOfChosen(text), certificateFilesOf(text));
  });
});
