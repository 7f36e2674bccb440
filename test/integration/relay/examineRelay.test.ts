import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTcpServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { examineRelay, type RelayQuestion } from '../../../src/owner/relay/examineRelay.js';
import { strangerAnswer } from '../../../src/relay/answers.js';
import { makeCertificate, RelayHere, serverName, tenant, userKey } from './rig.js';

const hourMs = 3_600_000;

describe('A relay, looked at from outside', () => {
  const authority = ClusterAuthority.create();
  const servers: Server[] = [];
  const certificate = makeCertificate();
  let relay: RelayHere;
  before(async () => {
    relay = await RelayHere.start(certificate);
  });
  after(async () => {
    await relay?.close();
    certificate.remove();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function portOf(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
    return address.port;
  }
  /** Proves what it is told to, and says the same to everybody. */
  function secured(said: string, options: { hosts?: string[]; expires?: number; maxVersion?: 'TLSv1.2' } = {}) {
    const { hosts = ['127.0.0.1'], expires = 0, ...tls } = options;
    const server = createTlsServer({ ...authority.issue('relay', 'relay', expires, hosts), ...tls }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(said));
    });
    server.on('tlsClientError', () => undefined);
    return portOf(server);
  }
  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const wellKnown = () => strangerAnswer(Date.now());

  /** What is not good, as `about verdict sentence`. */
  async function faults(port: number, question: Partial<RelayQuestion['address']> = {}): Promise<string[]> {
    const address = { host: '127.0.0.1', port, serverName: '127.0.0.1', ca: authority.pem.cert, ...question };
    const findings = await examineRelay({ address });
    return (
      findings
        // What is not a whole relay answers nothing without TLS.
        .filter(({ about, verdict }) => verdict !== 'good' && !(about === 'relay' && verdict === 'doubtful'))
        .map(({ about, verdict, sentence }) => `${about} ${verdict} ${sentence}`)
    );
  }

  it('is well in every point when it is', async () => {
    const address = { host: '127.0.0.1', port: relay.port, serverName, ca: certificate.cert };
    const findings = await examineRelay({ address, access: { tenant, userKey } });
    // The rig's certificate is good for two days.
    assert.deepEqual(
      findings.map(({ about, verdict }) => [about, verdict]),
      [
        ...[
          ['reach', 'good'],
          ['tls', 'good'],
          ['certificate', 'doubtful'],
          ['relay', 'good'],
          ['clock', 'good'],
        ],
        ['key', 'good'],
      ],
    );
    const wrong = await examineRelay({ address, access: { tenant, userKey: randomBytes(32).toString('hex') } });
    assert.match(wrong.at(-1)?.sentence ?? '', /does not know the tenant me by this key/);
  });

  it('that is a good stand-in shows that the faults below are its only ones', async () => {
    assert.deepEqual(await faults(await secured(wellKnown())), []);
  });

  const wrong: readonly [string, () => Promise<string[]>, RegExp][] = [
    ['a port where nothing listens', () => faults(1), /^reach wrong .*cannot reach 127\.0\.0\.1:1: refused;/],
    [
      'a name that there is not',
      () => faults(443, { host: 'relay.invalid' }),
      /^reach wrong .*cannot reach relay\.invalid:443: (no computer has that name|names cannot be looked up now)\.$/,
    ],
    [
      'a server without TLS',
      async () =>
        faults(
          await portOf(
            createTcpServer((socket) => {
              socket.on('error', () => undefined);
              socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
            }),
          ),
        ),
      /^tls wrong .*speaks no TLS, so it is no relay\.$/,
    ],
    [
      'an older TLS',
      async () => faults(await secured(wellKnown(), { maxVersion: 'TLSv1.2' })),
      /^tls wrong .*speaks TLSv1\.2; a relay speaks TLS 1\.3 alone/,
    ],
    [
      'a certificate for another host',
      async () =>
        faults(await secured(wellKnown(), { hosts: ['www.example.org'] }), { serverName: 'relay.example.org' }),
      /^certificate wrong .*is for www\.example\.org, not for relay\.example\.org;/,
    ],
    [
      'a certificate by an authority that this computer does not know',
      async () => faults(await secured(wellKnown()), { ca: undefined }),
      /^certificate wrong .*given by "O=sitespan, CN=cluster authority", which this computer does not trust;.*--relay-ca/,
    ],
    [
      'a certificate by another authority than is expected',
      async () => faults(await secured(wellKnown()), { ca: ClusterAuthority.create().pem.cert }),
      /^certificate wrong .*not the authority that is expected;/,
    ],
    [
      'a certificate that has expired',
      async () => faults(await secured(wellKnown(), { expires: inSeconds(-600) })),
      /^certificate wrong .*expired 10 min ago/,
    ],
    [
      'a certificate that will expire soon',
      async () => faults(await secured(wellKnown(), { expires: inSeconds(3 * 86_400 + 60) })),
      /^certificate doubtful .*for another 3 d only/,
    ],
    [
      'another server that speaks TLS',
      async () => faults(await secured('HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n')),
      /^relay wrong .*is no relay of Sitespan \(it said "HTTP\/1\.1 200 OK"\)/,
    ],
    [
      'a clock that is an hour off',
      async () => faults(await secured(strangerAnswer(Date.now() + hourMs))),
      /^clock doubtful This computer's clock is (1 h|60 min) behind the relay's/,
    ],
  ];
  for (const [what, found, sentence] of wrong) {
    it(`tells ${what}, in one sentence`, async () => {
      const said = await found();
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0] ?? '', sentence);
    });
  }

  it('shows no key to what is not proved to be the relay', async () => {
    const address = { host: '127.0.0.1', port: relay.port, serverName, ca: authority.pem.cert };
    const findings = await examineRelay({ address, access: { tenant, userKey } });
    assert.ok(findings.every(({ about }) => about !== 'key'));
  });

  it('gives up when it is told to', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    const address = { host: '127.0.0.1', port: await portOf(silent), serverName };
    const reason = new Error('enough');
    await assert.rejects(examineRelay({ address }, AbortSignal.abort(reason)), reason);
  });
});
