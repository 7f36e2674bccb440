import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { ClusterAuthority } from '../../../../src/credentials/clusterAuthority.js';
import { Identities } from '../../../../src/keeper/identities.js';
import { Ledger } from '../../../../src/keeper/ledger.js';
import { Enrolment } from '../../../../src/keeper/worker/enrolment.js';
import { EnrolServer } from '../../../../src/keeper/worker/enrolServer.js';
import type { Role } from '../../../../src/relay/credential.js';
import { scratchFolder } from '../../base/scratchFolder.js';
import { logLines } from '../logLines.js';
import { poolSpecOf } from '../poolSpecs.js';

const environment = { python: '3.11.7', executable: '/usr/bin/python3', machine: 'x86_64', packages: {}, root: null };

const refusal = z.object({ code: z.string(), message: z.string() });

describe('EnrolServer', () => {
  const scratch = scratchFolder();
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const authority = ClusterAuthority.create();
  const identities = new Identities(authority, relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));
  const secret = identities.joinSecret('join-1');
  const request = { token: 'join-1', secret, job: '17', host: 'node7', pid: 12, environment };
  let door: EnrolServer;
  let ledger: Ledger;
  let log: ReturnType<typeof logLines>;
  let listening: Server;
  let streams: Socket[];

  beforeEach(async () => {
    log = logLines();
    ledger = new Ledger();
    streams = [];
    const bulk = { mark: 'm1', pool: 'main', site: 'north', lives: ['main-1'], token: 'join-1', expires: 9e9 };
    ledger.apply({ is: 'pool', at: 1, pool: poolSpecOf() });
    ledger.apply({ is: 'intent', at: 2, ...bulk });
    ledger.apply({ is: 'submitted', at: 3, mark: 'm1', jobs: ['17'] });
    const record = async (fact: Parameters<Ledger['apply']>[0]): Promise<void> => ledger.apply(fact);
    const enrolment = new Enrolment(ledger, record, identities, () => environment);
    door = new EnrolServer(identities.issue('keeper', 'keeper'), enrolment, log.log);
  });
  afterEach(() => {
    for (const stream of streams) stream.destroy();
    listening.close();
    door.dispose();
  });

  /** A stream as the relay joins it: one end is the caller's, the other was handed to the keeper. */
  async function stream(from = 'join-1:1024', role: Role = 'joiner'): Promise<Socket> {
    const path = join(scratch(), 'stream.sock');
    listening = createServer({ pauseOnConnect: true }, (socket) => door.serve(socket, from, role)).listen(path);
    await once(listening, 'listening');
    const socket = createConnection(path);
    streams.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** The caller's TLS, which takes the cluster's CA and no other. */
  async function secured(socket: Socket, ca = authority.pem.cert): Promise<TLSSocket> {
    const tls = connect({ socket, ca, checkServerIdentity: () => undefined });
    await once(tls, 'secureConnect');
    return tls;
  }

  async function say(tls: TLSSocket, text: string): Promise<{ status: number; body: unknown }> {
    tls.write(text);
    const chunks: Buffer[] = [];
    tls.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(tls, 'close');
    const [head = '', body = ''] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
    return {
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
      body: JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '{}'),
    };
  }
  const post = (body: string, path = '/v1/enrol'): string =>
    `POST ${path} HTTP/1.1\r\nHost: keeper\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  it('lets a worker in, and ends the stream', async () => {
    const { status, body } = await say(await secured(await stream()), post(JSON.stringify(request)));
    assert.equal(status, 200);
    const { name, identity } = z
      .object({ name: z.string(), identity: z.object({ tls: z.object({ cert: z.string() }) }) })
      .parse(body);
    assert.equal(name, 'main-1');
    assert.match(new X509Certificate(identity.tls.cert).subject, /CN=main-1/);
    assert.equal(ledger.life('main-1')?.phase, 'enrolled');
  });

  it("is known by the cluster's CA, as the keeper", async () => {
    const tls = await secured(await stream());
    const { subject } = tls.getPeerCertificate();
    assert.deepEqual([subject.OU, subject.CN], ['keeper', 'keeper']);
  });

  it('is not taken for the keeper of another cluster', async () => {
    const other = ClusterAuthority.create();
    await assert.rejects(secured(await stream(), other.pem.cert), /certificate/);
  });

  it('believes the relay about the token that let the caller through', async () => {
    const { status, body } = await say(await secured(await stream('join-2:1024')), post(JSON.stringify(request)));
    assert.deepEqual([status, refusal.parse(body).code], [403, 'token-unknown']);
    assert.equal(ledger.life('main-1')?.phase, 'submitted');
  });

  it('hands a refusal on, and notes it with job and host', async () => {
    const text = post(JSON.stringify({ ...request, job: '666' }));
    const { status, body } = await say(await secured(await stream()), text);
    assert.deepEqual([status, refusal.parse(body).code], [403, 'job-unknown']);
    assert.match(log.lines.join(''), /"code":"job-unknown","job":"666","host":"node7"/);
  });

  for (const role of ['worker', 'client', 'scheduler'] as const) {
    it(`has no word for a ${role}`, async () => {
      const socket = await stream('main-1:1024', role);
      socket.resume();
      await once(socket, 'close');
      assert.match(log.lines.join(''), /refused a stream/);
    });
  }

  it('answers nothing else', async () => {
    const { status, body } = await say(await secured(await stream()), post('{}', '/v1/cluster/close'));
    assert.deepEqual([status, refusal.parse(body).code], [404, 'bad-request']);
  });

  for (const [what, body] of [
    ['no JSON', '{"token"'],
    ['half a request', JSON.stringify({ token: 'join-1', job: '17' })],
    ['too much', JSON.stringify({ ...request, host: 'x'.repeat(100_001) })],
  ] as const) {
    it(`says that ${what} is malformed`, async () => {
      const { status, body: said } = await say(await secured(await stream()), post(body));
      assert.deepEqual([status, refusal.parse(said).code], [400, 'bad-request']);
      assert.equal(ledger.life('main-1')?.phase, 'submitted');
    });
  }

  it('survives a caller that does not speak TLS', async () => {
    const socket = await stream();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    assert.match(log.lines.join(''), /an enrolling worker was lost/);
  });

  it('gives no secret to its log', async () => {
    await say(await secured(await stream()), post(JSON.stringify(request)));
    assert.doesNotMatch(log.lines.join(''), /redacted|PRIVATE KEY|[0-9a-f]{64}/);
  });
});
