import assert from 'node:assert/strict';
import { connect } from 'node:net';
import {
  ask,
  askPlain,
  type Certificate,
  dialler,
  makeCertificate,
  preludeOf,
  RelayHere,
  readAll,
  tlsTo,
} from './rig.js';

/** The one answer to strangers, with the relay's clock taken out. */
const oneAnswer = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\nSitespan-Time: N\r\n\r\n';
const withoutTime = (answer: string): string => answer.replace(/Sitespan-Time: [0-9]{13}\r/, 'Sitespan-Time: N\r');

describe('the relay and strangers', () => {
  let certificate: Certificate;
  let relay: RelayHere;

  before(async () => {
    certificate = makeCertificate();
    relay = await RelayHere.start(certificate, { headMs: 400, strangers: 3 });
  });
  after(async () => {
    await relay.close();
    certificate.remove();
  });
  beforeEach(() => {
    relay.events.length = 0;
  });

  const worker = (claims: Parameters<typeof dialler>[4] = {}) => relay.dialler('worker', 'north-3', claims);
  const target = '/v1/control?id=north-3:0';

  const heads: readonly [string, () => string][] = [
    ['head-garbage', () => 'HELO relay\r\n\r\n'],
    ['head-garbage', () => `${preludeOf(worker(), target)}and more`],
    ['head-too-large', () => `GET / HTTP/1.1\r\nX: ${'x'.repeat(4096)}\r\n\r\n`],
    ['head-too-slow', () => 'GET / HTTP/1.1\r\n'],
    ['no-auth', () => preludeOf(worker(), target).replace('Sitespan-Auth', 'Authorization')],
    ['unknown-tenant', () => preludeOf(worker({ tenant: 'you' }), target)],
    ['unknown-role', () => preludeOf(worker(), target).replace('.worker.', '.admin.')],
    ['expired', () => preludeOf(worker({ expires: 1_700_000_000 }), target)],
    ['bad-mac', () => preludeOf(worker({ userKey: '00'.repeat(32) }), target)],
    ['bad-mac', () => preludeOf(worker({ cluster: 'another' }), target).replace('.another.', '.ttbar-1a2b3c.')],
    ['bad-mac', () => preludeOf(worker(), target).replace('north-3:0', 'north-3:9')],
    ['bad-mac', () => preludeOf(worker(), target).replace('.worker.', '.keeper.')],
    ['stale-clock', () => preludeOf(worker(), target, undefined, Date.now() - 121_000)],
    ['stale-clock', () => preludeOf(worker(), target, undefined, Date.now() + 125_000)],
  ];
  heads.forEach(([code, head], number) => {
    it(`tells all the same, and its log ${code} (${number + 1})`, async () => {
      assert.equal(withoutTime(await ask(relay, certificate, head())), oneAnswer);
      await relay.logged({ event: 'refused', code });
      assert.equal(relay.events.length, 1);
    });
  });

  it('tells a stranger its own clock', async () => {
    const answer = await ask(relay, certificate, 'GET / HTTP/1.1\r\n\r\n');
    const said = Number(/Sitespan-Time: ([0-9]+)/.exec(answer)?.[1]);
    assert.ok(Math.abs(said - Date.now()) < 5000);
  });

  it('takes a prelude once', async () => {
    const head = preludeOf(relay.dialler('client', 'notebook-1'), '/v1/connect?to=north-3:1&from=notebook-1:1');
    assert.match(await ask(relay, certificate, head), /Sitespan-Refusal: unknown-target/);
    assert.equal(withoutTime(await ask(relay, certificate, head)), oneAnswer);
    await relay.logged({ code: 'replay' });
  });

  it('is deaf to preludes without TLS', async () => {
    assert.equal(withoutTime(await askPlain(relay, preludeOf(worker(), target))), oneAnswer);
    await relay.logged({ code: 'no-auth' });
  });

  it('says its health to anybody', async () => {
    const answer = await askPlain(relay, 'GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /\{"ok":true,"uptimeSeconds":[0-9]+\}$/);
    assert.equal(relay.events.length, 0);
  });

  it('ends what is TLS by its first byte alone', async () => {
    await askPlain(relay, '\x16 this is no ClientHello, and goes on and on');
    await relay.logged({ code: 'head-garbage' });
  });

  it('waits neither for a first byte nor for the end of a handshake', async () => {
    const [silent, halfway] = [connect(relay.port, relay.host), connect(relay.port, relay.host)];
    halfway.write(Buffer.of(0x16, 3, 1, 1, 0));
    await Promise.all([readAll(silent), readAll(halfway)]);
    assert.equal(relay.events.filter(({ code }) => code === 'head-too-slow').length, 2);
  });

  it('has room for few, and for others when they have gone', async () => {
    const crowd = [1, 2, 3].map(() => connect(relay.port, relay.host));
    await Promise.all(crowd.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await assert.rejects(tlsTo(relay, certificate));
    await relay.logged({ event: 'refused', code: 'too-many-strangers' });
    const gone = crowd.map((socket) => readAll(socket));
    await Promise.all(gone);
    assert.match(await askPlain(relay, 'GET /healthz HTTP/1.1\r\n\r\n'), /200 OK/);
  });

  it('does not count those it knows', async () => {
    const known = await Promise.all(
      [1, 2, 3].map(async (number) => {
        const engine = await tlsTo(relay, certificate);
        engine.write(preludeOf(relay.dialler('worker', `known-${number}`), `/v1/control?id=known-${number}:0`));
        await new Promise((resolve) => engine.once('data', resolve));
        return engine;
      }),
    );
    assert.match(await askPlain(relay, 'GET /healthz HTTP/1.1\r\n\r\n'), /200 OK/);
    for (const engine of known) engine.destroy();
  });
});

describe('a relay whose own parts fail', () => {
  it('ends the connection that met the failure, and no other', async () => {
    const certificate = makeCertificate();
    const relay = await RelayHere.start(certificate);
    try {
      const who = dialler(relay, certificate, 'worker', 'north-3', { tenant: 'makes-it-throw' });
      assert.equal(await ask(relay, certificate, preludeOf(who, '/v1/accept', 'abc')), '');
      const { why } = await relay.logged({ event: 'internal-error' });
      assert.match(String(why), /The tenants cannot be asked/);
      assert.match(await askPlain(relay, 'GET /healthz HTTP/1.1\r\n\r\n'), /200 OK/);
    } finally {
      await relay.close();
      certificate.remove();
    }
  });
});
