import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { SitespanError } from '../../../../src/base/errors.js';
import { makeProxy, type ProxyWish, proxyPem } from '../../../../src/credentials/proxy.js';
import { certificateFilesOf } from '../../../../src/credentials/userCertificateFiles.js';
import { openPair, type UserCredential } from '../../../../src/credentials/userCredential.js';
import { checkGrid } from '../../../../src/grid/dirac/checkGrid.js';
import { DiracClient } from '../../../../src/grid/dirac/diracClient.js';
import { gridDescription } from '../../../../src/grid/dirac/gridDescription.js';
import { initProxy, type ProxyOrder } from '../../../../src/owner/proxy/initProxy.js';
import { proxyInfo } from '../../../../src/owner/proxy/proxyInfo.js';
import { checkGroup } from '../../../../src/owner/proxy/uploadProxy.js';
import { assertSaid, type Said, saidBy, wrongCredentials } from '../../../rigs/credentials/wrongCredentials.js';
import { FakeDirac, packed, Status } from '../../grid/dirac/fakeDirac.js';
import { Servers } from '../../grid/dirac/servers.js';

const hourMs = 3_600_000;
const root = join(import.meta.dirname, '..', '..', '..', '..');
const page = join(root, 'docs', 'credential-errors.md');

/** As they were asked for. */
const asked = `expired certificate; not yet valid; expired proxy; unknown CA; revoked; CRL expired; signing policy forbids; wrong key for certificate; bad passphrase; empty passphrase; truncated PEM; DER instead of PEM; .p12 with no certificate; scrypt key where the runtime cannot; EC where the server cannot; key readable by others; proxy of a limited proxy; path length exceeded; group that does not exist; group not mine; no VO; clock an hour off; proxy path is a folder; disk full; server's certificate for another host; server's CA unknown; plain HTTP at the address; something else at the address`;

function pageOfErrors(): string {
  const rows = wrongCredentials.map(
    ({ what, command, says, todo, code }) =>
      `| ${what} | \`${command}\` | ${says} | ${todo} | ${code ?? 'a warning'} |`,
  );
  return `# What is said when a credential is wrong, and what to do

Made from \`test/rigs/credentials/wrongCredentials.ts\` by \`SITESPAN_WRITE_DOCS=1 npx mocha test/unit/owner/proxy/wrongCredentials.test.ts\`, which brings each about and holds the sentence to be this one; \`…\` stands for a name, a path or a time. The groups are brought about on a real DIRAC, too (\`test/integration/dirac/proxy.test.ts\`), and the full disk in \`test/integration/terminal/proxy.test.ts\`; VS Code's cryptography, which knows no scrypt, is a stand-in here. What is said by \`proxy init\` is said by the window's *Initialise Proxy*, too; [proxies](proxies.md) tells how a proxy is made.

| what is wrong | said by | it is said | and what to do | code |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

describe('What is wrong with a credential', function () {
  this.timeout(60_000);
  let dirac: FakeDirac;
  let servers: Servers;
  let ada: UserCredential;
  const path = (name: string): string => dirac.pki.path(name);

  before(async () => {
    dirac = await FakeDirac.start();
    servers = new Servers(dirac.pki);
    dirac.pki.host('localhost', 'DNS:localhost');
    ada = openPair(file('ada/cert.pem'), file('ada/key.pem'));
    mkdirSync(path('others'));
    const files = ['-keyout', path('other.key'), '-out', path('other.pem')];
    dirac.pki.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Elsewhere/CN=Other CA', files);
    const hash = dirac.pki.openssl('x509', '-noout', '-hash', '-in', path('other.pem')).trim();
    copyFileSync(path('other.pem'), path(`others/${hash}.0`));
  });
  afterEach(() => servers?.stop());
  after(() => dirac?.stop());

  const file = (name: string) => ({ path: path(name), content: dirac.pki.read(name) });
  const written = (name: string, content: string | Buffer): string => {
    writeFileSync(path(name), content, { mode: 0o600 });
    return path(name);
  };
  const proxyFile = async (name: string, wish: ProxyWish): Promise<string> =>
    written(name, proxyPem(await makeProxy(ada, wish)));
  const user = (name: string, validity: { from?: string; until?: string; days?: number } = {}): string => {
    dirac.pki.user(name, { ...validity, curve: 'P-256' });
    return `CN=${name} lovelace`;
  };
  const filesOf = (name: string, key = path(`${name}/key.pem`)) => certificateFilesOf(path(`${name}/cert.pem`), key);
  const safeKey = (...how: string[]): string => dirac.pki.protect('ada', 'safe', 'pkcs8', '-topk8', ...how);

  const order = (changes: Partial<ProxyOrder>): ProxyOrder => ({
    ...{ files: filesOf('ada'), passphrase: async () => dirac.pki.passphrase, authorities: dirac.pki.authorities },
    ...{ hours: 12, path: path('x509up') },
    ...changes,
  });
  const refused = async (work: Promise<unknown>): Promise<Said> => {
    try {
      await work;
    } catch (error) {
      if (SitespanError.is(error)) return saidBy(error);
      throw error;
    }
    return assert.fail('it was taken');
  };
  const init = (changes: Partial<ProxyOrder>): Promise<Said> => refused(initProxy(order(changes)));
  const info = async (proxy: string): Promise<Said> => {
    const { problem } = await proxyInfo(proxy, { authorities: dirac.pki.authorities });
    return problem === undefined ? assert.fail('it was taken') : saidBy(problem);
  };
  const at = (url: string, caDirectory = dirac.pki.authorities) => ({
    ...{ kind: 'dirac', url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user', sites: ['LCG.A.uk'] },
    ...{ proxy: dirac.proxy, caDirectory },
  });
  const check = async (spec: object): Promise<Said> => {
    const [found] = await checkGrid(gridDescription.parse({ spec }));
    assert.equal(found?.verdict, 'wrong');
    return found;
  };
  const uploadTo = (address: string) => ({
    upload: { server: { address, authorities: dirac.pki.authorities }, days: 7 },
  });
  const registry = (...users: string[]): void => {
    const who = users.map((name) => `${name} {\nDN = ${ada.chain[0].dn}\n}`).join('\n');
    const groups = 'gridpp_user {\nUsers = ada, bob\nVO = gridpp\n}\nother_user {\nUsers = bob\nVO = other\n}';
    const text = `Registry { Users {\n${who}\n} Groups {\n${groups}\n} }`;
    dirac.has({ 'Configuration/Server': { getCompressedData: () => packed(text) } });
  };

  /** Each ends with what was said, and with what the sentence has to tell of the place. */
  const made: Readonly<Record<string, () => Promise<readonly [Said, place: string]>>> = {
    'expired certificate': async () => {
      const place = user('old', { from: '20240101000000Z', until: '20240131000000Z' });
      return [await init({ files: filesOf('old') }), place];
    },
    'not yet valid': async () => {
      const from = new Date(Date.now() + 24 * hourMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
      const place = user('new', { from, days: 30 });
      return [await init({ files: filesOf('new') }), place];
    },
    'expired proxy': async () => {
      const old = await proxyFile('old.proxy', { seconds: 3600, now: new Date(Date.now() - 2 * hourMs) });
      return [await info(old), old];
    },
    'unknown CA': async () => [await init({ authorities: path('others') }), path('others')],
    revoked: async () => {
      const place = user('eve');
      dirac.pki.revoke('eve');
      return [await init({ files: filesOf('eve') }), place];
    },
    'CRL expired': async () => {
      const { warnings } = await initProxy(order({ now: new Date(Date.now() + 72 * hourMs) }));
      const [sentence, ...more] = warnings.filter((one) => one.includes('Lab CA'));
      assert.deepEqual(more, []);
      return [{ sentence: sentence ?? assert.fail('nobody was warned') }, 'CN=Lab CA'];
    },
    'signing policy forbids': async () => {
      dirac.pki.publish('authority', '"/C=IE/*"');
      try {
        return [await init({}), 'CN=Lab CA'];
      } finally {
        dirac.pki.publish('authority', '"/C=UK/O=eScienceLab/*"');
      }
    },
    'wrong key for certificate': async () => {
      user('bob');
      return [await init({ files: filesOf('ada', path('bob/key.pem')) }), path('bob/key.pem')];
    },
    'bad passphrase': async () => {
      const key = safeKey();
      return [await init({ files: filesOf('ada', key), passphrase: async () => 'another' }), key];
    },
    'empty passphrase': async () => {
      const key = safeKey();
      return [await init({ files: filesOf('ada', key), passphrase: async () => '' }), key];
    },
    'truncated PEM': async () => {
      const cut = written('cut.pem', dirac.pki.read('ada/cert.pem').subarray(0, 500));
      return [await init({ files: certificateFilesOf(cut, path('ada/key.pem')) }), cut];
    },
    'DER instead of PEM': async () => {
      const der = path('ada.der');
      dirac.pki.openssl('x509', '-in', path('ada/cert.pem'), '-outform', 'DER', '-out', der);
      return [await init({ files: certificateFilesOf(der, path('ada/key.pem')) }), der];
    },
    '.p12 with no certificate': async () => {
      const p12 = path('keys.p12');
      const from = ['-nocerts', '-inkey', path('ada/key.pem'), '-passout', `pass:${dirac.pki.passphrase}`];
      dirac.pki.openssl('pkcs12', '-export', from, '-out', p12);
      chmodSync(p12, 0o600);
      return [await init({ files: certificateFilesOf(p12) }), p12];
    },
    'scrypt key where the runtime cannot': async () => {
      const key = safeKey('-scrypt');
      return [await withoutScrypt(() => init({ files: filesOf('ada', key) })), key];
    },
    'EC where the server cannot': async () => {
      // Most ask for a certificate and demand none.
      const shown: boolean[] = [];
      const asking = await servers.secure(
        (asked, answer) => {
          shown.push(asked.socket instanceof TLSSocket && asked.socket.getPeerX509Certificate() !== undefined);
          answer.writeHead(401).end();
        },
        'localhost',
        'rsa_pss_rsae_sha256:RSA+SHA256',
      );
      assertSaid('EC where the server cannot', await init(uploadTo(asking)), new URL(asking).host);
      assert.deepEqual(new Set(shown), new Set([false]));
      const url = await servers.rsaOnly();
      return [await init(uploadTo(url)), new URL(url).host];
    },
    'key readable by others': async () => {
      const key = written('open.pem', dirac.pki.read('ada/key.pem'));
      chmodSync(key, 0o644);
      return [await init({ files: filesOf('ada', key) }), key];
    },
    'proxy of a limited proxy': async () => {
      const limited = foreignProxy('limited', { path: 'ada', dn: ada.chain[0].dn }, '1.3.6.1.4.1.3536.1.1.1.9');
      const full = foreignProxy('full', limited, 'id-ppl-inheritAll');
      const parts = ['full/cert.pem', 'full/key.pem', 'limited/cert.pem', 'ada/cert.pem'].map((name) =>
        dirac.pki.read(name),
      );
      return [await info(written('full.proxy', Buffer.concat(parts))), full.dn];
    },
    'path length exceeded': async () => {
      const last = await proxyFile('last.proxy', { seconds: 3600, pathLength: 0 });
      return [await init({ files: certificateFilesOf(last) }), ada.chain[0].dn];
    },
    'group that does not exist': async () => {
      registry('ada');
      return [
        await init({ group: 'lsst_user', ...uploadTo(dirac.url) }),
        `${new URL(dirac.url).host} has no group lsst_user`,
      ];
    },
    'group not mine': async () => {
      registry('ada');
      return [
        await init({ group: 'other_user', ...uploadTo(dirac.url) }),
        `other_user of DIRAC at ${new URL(dirac.url).host}`,
      ];
    },
    'no VO': async () => {
      dirac.has({ 'Configuration/Server': { getCompressedData: () => new Status(401) } });
      return [await init({ group: 'gridpp_user', ...uploadTo(dirac.url) }), ada.chain[0].dn];
    },
    'clock an hour off': async () => {
      const url = await servers.judging();
      const ahead = new Date(Date.now() + hourMs);
      const proxy = await proxyFile('early.proxy', { seconds: 1800, now: ahead });
      const client = new DiracClient(
        { url, services: {}, proxy, caDirectory: dirac.pki.authorities },
        { now: () => ahead },
      );
      try {
        return [await refused(client.call('JobMonitoring', 'whoami', [], z.string())), '60 min ahead of'];
      } finally {
        await client.close();
      }
    },
    'proxy path is a folder': async () => [await init({ path: path('others') }), path('others')],
    "server's certificate for another host": async () => {
      dirac.pki.host('elsewhere', 'DNS:elsewhere.example');
      return [
        await check(at(await servers.secure((_asked, answer) => answer.end(), 'elsewhere'))),
        'elsewhere.example',
      ];
    },
    "server's CA unknown": async () => [await check(at(dirac.url, path('others'))), path('others')],
    'plain HTTP at the address': async () => {
      const url = await servers.plain();
      return [await check(at(url)), new URL(url).host];
    },
    'something else at the address': async () => {
      const url = await servers.greeting('SSH-2.0-OpenSSH_9.2p1\r\n');
      return [await check(at(url)), '"SSH-2.0-OpenSSH_9.2p1"'];
    },
  };

  /** What OpenSSL makes of a proxy and ours would not. */
  const foreignProxy = (name: string, issuer: { path: string; dn: string }, language: string) => {
    mkdirSync(path(name));
    const dn = `${issuer.dn}/CN=${wrongCredentials.length}`;
    const [key, request, extensions] = ['key.pem', 'request.pem', 'extensions'].map((one) => path(`${name}/${one}`));
    if (key === undefined || request === undefined || extensions === undefined) throw new Error('three paths');
    writeFileSync(extensions, `keyUsage=critical,digitalSignature\nproxyCertInfo=critical,language:${language}\n`);
    dirac.pki.openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', dn, '-out', request);
    dirac.pki.openssl(
      ...['x509', '-req', '-in', request, '-days', '1', '-set_serial', '7', '-extfile', extensions],
      ...['-CA', path(`${issuer.path}/cert.pem`), '-CAkey', path(`${issuer.path}/key.pem`)],
      ...['-out', path(`${name}/cert.pem`)],
    );
    return { path: name, dn };
  };

  for (const { what } of wrongCredentials) {
    // A disk is made full where tests may mount one.
    if (what === 'disk full') continue;
    it(`is said: ${what}`, async () => {
      const [said, place] = (await made[what]?.()) ?? assert.fail('it is brought about');
      assertSaid(what, said, place);
    });
  }

  it('is all that was asked for, each in a sentence of its own that says what to do', () => {
    assert.equal(wrongCredentials.map(({ what }) => what).join('; '), asked);
    assert.equal(new Set(wrongCredentials.map(({ says }) => says)).size, wrongCredentials.length);
    assert.deepEqual(
      wrongCredentials.filter(({ says, todo }) => !says.includes('…') || todo === ''),
      [],
    );
    for (const [test, whats] of [
      ['terminal/proxy.test.ts', ['disk full']],
      ['dirac/proxy.test.ts', ['group that does not exist', 'group not mine', 'no VO']],
    ] as const) {
      const text = readFileSync(join(root, 'test', 'integration', test), 'utf8');
      for (const what of whats) assert.ok(text.includes(`'${what}'`), `${what} is brought about in ${test}`);
    }
  });

  it('is in docs/credential-errors.md (SITESPAN_WRITE_DOCS=1 writes it)', () => {
    const written = pageOfErrors();
    if (process.env['SITESPAN_WRITE_DOCS'] === '1') writeFileSync(page, written);
    assert.equal(readFileSync(page, 'utf8'), written);
  });

  it('does not stop a person whose group is good, and one of no VO is warned of', async () => {
    const text = `Registry { Users { ada {\nDN = ${ada.chain[0].dn}\n} } Groups { admins {\nUsers = ada\n} } }`;
    const manager = { requestDelegationUpload: () => new Status(501) };
    dirac.has({
      'Configuration/Server': { getCompressedData: () => packed(text) },
      'Framework/ProxyManager': manager,
    });
    const { code } = await init({ group: 'admins', ...uploadTo(dirac.url) });
    assert.equal(code, 'grid-method-missing');
    assert.ok(dirac.asked.includes('Framework/ProxyManager requestDelegationUpload'));
    assert.match((await checkGroup(uploadTo(dirac.url).upload.server, ada, 'admins')).join(), /admins .* is of no VO/);
  });

  it('is found without a configuration server, too, by who refuses; a server that was named is missed', async () => {
    dirac.has({});
    const { server } = uploadTo(dirac.url).upload;
    assert.deepEqual(await checkGroup(server, ada, 'gridpp_user'), []);
    const configuration = `${dirac.url}/Configuration/Server`;
    const missed = await checkGroup({ ...server, configuration }, ada, 'gridpp_user');
    assert.match(missed.join(), /^The group gridpp_user was not looked up: There is no service Configuration\/Server/);
  });
});

/** As in VS Code, whose BoringSSL opens no key that scrypt protects. */
async function withoutScrypt<T>(work: () => Promise<T>): Promise<T> {
  const { createPrivateKey } = crypto;
  const electron = Object.getOwnPropertyDescriptor(process.versions, 'electron');
  Object.assign(crypto, {
    createPrivateKey: () => {
      throw new Error('error:06000066:public key routines:OPENSSL_internal:DECODE_ERROR');
    },
  });
  Object.defineProperty(process.versions, 'electron', { value: '34.0.0', configurable: true });
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Object.assign(crypto, { createPrivateKey });
    if (electron === undefined) Reflect.deleteProperty(process.versions, 'electron');
    else Object.defineProperty(process.versions, 'electron', electron);
    syncBuiltinESMExports();
  }
}
