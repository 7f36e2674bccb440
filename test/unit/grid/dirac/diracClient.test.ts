import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { until } from '../../../../src/base/waiting.js';
import { makeProxy, type ProxyWish, proxyPem } from '../../../../src/credentials/proxy.js';
import { writeProxy } from '../../../../src/credentials/proxyFile.js';
import { openPair, type UserCredential } from '../../../../src/credentials/userCredential.js';
import { certificateCredentials } from '../../../../src/grid/dirac/clientCredentials.js';
import { type ClientOptions, type ClientSpec, DiracClient } from '../../../../src/grid/dirac/diracClient.js';
import { GridPki } from '../../credentials/gridPki.js';
import { Servers } from './servers.js';

const hourMs = 3_600_000;

describe('a call of DIRAC', function () {
  this.timeout(60_000);
  let pki: GridPki;
  let servers: Servers;
  let ada: UserCredential;
  let proxy: string;

  before(async () => {
    pki = new GridPki();
    pki.user('ada');
    pki.host('localhost', 'DNS:localhost');
    pki.host('elsewhere', 'DNS:elsewhere.example');
    ada = credentialOf('ada');
    proxy = await written('x509up', { seconds: 3600, group: 'gridpp_user' });
    servers = new Servers(pki);
  });
  afterEach(() => servers?.stop());
  after(() => pki?.remove());

  const credentialOf = (name: string): UserCredential => {
    const file = (path: string) => ({ path, content: pki.read(path) });
    return openPair(file(`${name}/cert.pem`), file(`${name}/key.pem`));
  };
  const written = async (name: string, wish: ProxyWish, from = ada): Promise<string> => {
    const path = pki.path(name);
    await writeProxy(path, proxyPem(await makeProxy(from, wish)));
    return path;
  };
  const open = (url: string, changes: Partial<ClientSpec> = {}, options: ClientOptions = {}): DiracClient =>
    new DiracClient({ url, services: {}, caDirectory: pki.authorities, proxy, ...changes }, options);
  const asks = async (url: string, changes: Partial<ClientSpec> = {}, options: ClientOptions = {}): Promise<string> => {
    const client = open(url, changes, options);
    try {
      return await client.call('JobMonitoring', 'whoami', [], z.string());
    } finally {
      await client.close();
    }
  };
  const says = async (answer: Promise<string>, code: string, ...sentences: RegExp[]): Promise<void> => {
    await assert.rejects(answer, (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, code, error.message);
      for (const sentence of sentences) assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /undefined|\[object/);
      return true;
    });
  };

  it('is made with a proxy and its chain, and with a certificate', async () => {
    const url = await servers.judging();
    assert.equal(await asks(url), 'taken');
    assert.equal(await asks(url, { proxy: certificateCredentials(ada) }), 'taken');
  });

  describe('that is refused for our certificate says so:', () => {
    it('an authority that the server does not know', async () => {
      mkdirSync(pki.path('stranger'));
      const files = ['-keyout', pki.path('stranger/key.pem'), '-out', pki.path('stranger/cert.pem')];
      pki.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Elsewhere/CN=stranger', files);
      const stranger = credentialOf('stranger');
      await says(
        asks(await servers.judging(), { proxy: certificateCredentials(stranger) }),
        'grid-untrusting',
        /does not know the authority .* the certificate \/O=Elsewhere\/CN=stranger/,
      );
    });

    it('a proxy that has expired, by both clocks', async () => {
      const then = new Date(Date.now() - 2 * hourMs);
      const old = await written('old', { seconds: 3600, now: then });
      await says(asks(await servers.judging(), { proxy: old }), 'proxy-expired', /on this computer expired at/);
      // The server is the one to see it where ours has only just ended.
      const url = await servers.judging({ clock: -2 * 3600 });
      await says(asks(url, { proxy: old }, { now: () => then }), 'proxy-expired', /DIRAC at localhost.* has expired/);
    });

    it('a clock that is an hour behind, and one that is an hour ahead', async () => {
      const url = await servers.judging();
      const behind = new Date(Date.now() - hourMs);
      const old = await written('behind', { seconds: 1800, now: behind });
      await says(
        asks(url, { proxy: old }, { now: () => behind }),
        'clock-wrong',
        /clock is 60 min behind that of DIRAC/,
        /timedatectl/,
      );
      const ahead = new Date(Date.now() + hourMs);
      const early = await written('ahead', { seconds: 1800, now: ahead });
      await says(asks(url, { proxy: early }, { now: () => ahead }), 'clock-wrong', /clock is 60 min ahead of/);
      const slow = await servers.judging({ clock: 3600 });
      await says(asks(slow, { proxy: early }, { now: () => ahead }), 'grid-refuses-certificate', /not valid yet/);
    });

    it('a certificate that has been revoked', async () => {
      pki.user('eve');
      pki.revoke('eve');
      const eve = await written('eve.proxy', { seconds: 600 }, credentialOf('eve'));
      await says(asks(await servers.judging(), { proxy: eve }), 'certificate-revoked', /has been revoked/);
    });

    it('proxies where the server takes none', async () => {
      const url = await servers.judging({ proxies: false });
      await says(asks(url), 'grid-refuses-certificate', /takes no such proxies/);
    });

    it("a revocation list of the server's that is out of date", async () => {
      pki.publish('authority', '"/C=UK/O=eScienceLab/*"', 1);
      const expired = Date.now() + 1500;
      await until(() => Date.now() > expired, { timeoutMs: 10_000, what: 'The end of the list' });
      try {
        await says(asks(await servers.judging()), 'proxy-expired', /revocation list of the server's is out of date/);
      } finally {
        pki.publish('authority', '"/C=UK/O=eScienceLab/*"');
      }
    });
  });

  it('says in DIRAC’s own words that it refuses', async () => {
    const url = await servers.secure((_asked, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' });
      answer.end('{"OK": false, "Errno": 0, "Message": "Some jobs failed deletion", "FailedJobIDs": [2]}');
    });
    await says(asks(url), 'grid-refused', /refused JobMonitoring\.whoami: Some jobs failed deletion\.$/);
  });

  describe('to what is not the DIRAC that we trust says so:', () => {
    const json: RequestListener = (_asked, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' });
      answer.end('{"OK": true, "Value": "somebody"}');
    };

    it("another host's certificate, and whose it is", async () => {
      const url = await servers.secure(json, 'elsewhere');
      await says(asks(url), 'grid-untrusted', /certificate of another host \(DNS:elsewhere\.example\)/);
    });

    it('an authority that is not in our folder, by its name and with a way to get it', async () => {
      const folder = pki.path('few');
      mkdirSync(folder);
      mkdirSync(pki.path('other'));
      const files = ['-keyout', pki.path('other/key.pem'), '-out', pki.path('other/cert.pem')];
      pki.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Elsewhere/CN=Other CA', files);
      const hash = pki.openssl('x509', '-noout', '-hash', '-in', pki.path('other/cert.pem')).trim();
      copyFileSync(pki.path('other/cert.pem'), join(folder, `${hash}.0`));
      await says(
        asks(await servers.secure(json), { caDirectory: folder }),
        'grid-untrusted',
        /the authority \/C=UK\/O=eScienceLab\/OU=Authority\/CN=Lab CA, which is not in .*few/,
        /ca-policy-egi-core/,
      );
    });

    it('a folder with no authorities', async () => {
      const url = await servers.secure(json);
      await says(asks(url, { caDirectory: pki.path('none') }), 'authorities-missing', /none .* does not exist/);
    });

    it('plain HTTP', async () => {
      await says(asks(await servers.plain()), 'grid-not-secure', /speaks plain HTTP and not HTTPS/);
    });

    it('something else, in its own words', async () => {
      const url = await servers.greeting('SSH-2.0-OpenSSH_9.2p1\r\n');
      await says(asks(url), 'grid-not-dirac', /is no HTTPS server \(it says "SSH-2\.0-OpenSSH_9\.2p1"\)/);
    });

    it('a web server, and one that sends elsewhere', async () => {
      const page = await servers.secure((_asked, answer) => {
        answer.setHeader('content-type', 'text/html').end('<html>Welcome</html>');
      });
      await says(asks(page), 'grid-not-dirac', /is not DIRAC \(it sent text\/html/);
      const portal = await servers.secure((_asked, answer) => {
        answer.writeHead(302, { location: '/DIRAC/' }).end();
      });
      await says(asks(portal), 'grid-not-dirac', /sends elsewhere \(HTTP status 302\)/);
    });

    it('nothing at all', async () => {
      await says(asks('https://localhost:1'), 'grid-unreachable', /nothing listens there, ECONNREFUSED/);
    });

    it('no service, no method, no right', async () => {
      const status = (code: number) => servers.secure((_asked, answer) => answer.writeHead(code).end());
      await says(asks(await status(404)), 'grid-service-missing', /no service JobMonitoring/);
      await says(asks(await status(501)), 'grid-method-missing', /has no whoami/);
      await says(asks(await status(401)), 'grid-unauthorized', /the group gridpp_user may not do that/);
    });
  });

  it('tells what is wrong with the folder of authorities and hinders nothing', async () => {
    const folder = pki.path('no-root');
    mkdirSync(folder);
    const root = pki.openssl('x509', '-noout', '-hash', '-in', pki.path('root/cert.pem')).trim();
    const old = pki.openssl('x509', '-noout', '-subject_hash_old', '-in', pki.path('root/cert.pem')).trim();
    for (const name of readdirSync(pki.authorities)) copyFileSync(join(pki.authorities, name), join(folder, name));
    for (const hash of [root, old]) copyFileSync(pki.path('authority/crl.pem'), join(folder, `${hash}.r0`));
    const client = open(await servers.judging(), { caDirectory: folder });
    await client.call('JobMonitoring', 'whoami', [], z.string());
    assert.match(client.warnings.join('\n'), /revocation list of .*Lab Root has a bad signature/);
    await client.close();
  });

  describe('with a proxy of another group', () => {
    let asked: number;
    let verdict: number;
    let client: DiracClient;
    const other = (): Promise<string> => written('changing', { seconds: 3600, group: 'other_user' });

    beforeEach(async () => {
      [asked, verdict] = [0, 200];
      const changing = await written('changing', { seconds: 3600, group: 'gridpp_user' });
      const url = await servers.secure((_asked, answer) => {
        asked += 1;
        answer.writeHead(verdict, { 'content-type': 'application/json' });
        answer.end('{"OK": true, "Value": "ada"}');
      });
      client = open(url, { proxy: changing }, { verdictMs: 2000 });
      await client.call('JobMonitoring', 'whoami', [], z.string());
    });
    afterEach(() => client?.close());

    it('that is refused is made once more when the last verdict is forgotten, and no third time', async () => {
      verdict = 401;
      await other();
      const first = client.call('JobMonitoring', 'whoami', [], z.string());
      await until(() => asked === 2, { timeoutMs: 10_000, what: 'The refusal' });
      verdict = 200;
      assert.equal(await first, 'ada');
      assert.equal(asked, 3);
      verdict = 401;
      await assert.rejects(client.call('JobMonitoring', 'whoami', [], z.string()), { code: 'grid-unauthorized' });
      assert.equal(asked, 4);
    });

    it('that waits for that can be cancelled', async () => {
      verdict = 401;
      await other();
      const stop = new AbortController();
      const call = client.call('JobMonitoring', 'whoami', [], z.string(), { signal: stop.signal });
      await until(() => asked === 2, { timeoutMs: 10_000, what: 'The refusal' });
      stop.abort(new Error('enough'));
      await assert.rejects(call, /enough/);
      assert.equal(asked, 2);
    });
  });
});
