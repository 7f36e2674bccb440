import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { until } from '../../../src/base/waiting.js';
import { type FromRelay, fromRelaySchema, LineReader, writeLine } from '../../../src/relay/controlLines.js';
import type { Role } from '../../../src/relay/credential.js';
import { dialControl, dialRelay } from '../../../src/relay/dial.js';
import type { Limits } from '../../../src/relay/limits.js';
import { ask, type Certificate, cookie, makeCertificate, preludeOf, RelayHere, readAll, tlsTo } from './rig.js';

/** A listener by hand: says only what it is told to. */
class Lines {
  readonly heard: FromRelay[] = [];
  private constructor(readonly socket: TLSSocket) {
    const reader = new LineReader(fromRelaySchema, 65536);
    socket.on('data', (chunk: Buffer) => this.heard.push(...reader.push(chunk)));
    socket.resume();
  }

  static async open(relay: RelayHere, role: Role, id: string, secret?: string): Promise<Lines> {
    const subject = id.split(':')[0] ?? '';
    const { socket } = await dialControl(relay.dialler(role, subject), `/v1/control?id=${id}`, secret);
    const lines = new Lines(socket);
    await lines.next('registered');
    return lines;
  }

  say(message: Parameters<typeof writeLine>[0]): void {
    this.socket.write(writeLine(message));
  }

  get id(): string {
    const [first] = this.heard;
    assert.ok(first?.op === 'registered');
    return first.id;
  }

  async next<Op extends FromRelay['op']>(op: Op, nth = 1): Promise<Extract<FromRelay, { op: Op }>> {
    const is = (message: FromRelay): message is Extract<FromRelay, { op: Op }> => message.op === op;
    await until(() => this.heard.filter(is).length >= nth, { timeoutMs: 3000, everyMs: 2, what: `line ${op}` });
    const found = this.heard.filter(is)[nth - 1];
    assert.ok(found);
    return found;
  }

  async closed(): Promise<void> {
    await until(() => this.socket.readableEnded || this.socket.destroyed, {
      timeoutMs: 3000,
      everyMs: 2,
      what: 'its end',
    });
  }
}

describe('rendezvous', () => {
  let certificate: Certificate;
  let relay: RelayHere;
  let open: { destroy(): void }[] = [];

  before(() => {
    certificate = makeCertificate();
  });
  after(() => certificate.remove());
  afterEach(async () => {
    for (const socket of open) socket.destroy();
    open = [];
    await relay.close();
  });

  async function start(limits: Partial<Limits> = {}, port = 0): Promise<void> {
    relay = await RelayHere.start(certificate, limits, port);
  }
  async function listen(role: Role, id: string, secret?: string): Promise<Lines> {
    const lines = await Lines.open(relay, role, id, secret);
    open.push(lines.socket);
    return lines;
  }
  async function connect(to: string, more = '', role: Role = 'client', subject = 'notebook-1'): Promise<Socket> {
    const { socket } = await dialRelay(relay.dialler(role, subject), `/v1/connect?to=${to}&from=${subject}:1${more}`);
    open.push(socket);
    return socket;
  }
  async function accept(subject: string, ticket: string): Promise<Socket> {
    const { socket } = await dialRelay(relay.dialler('worker', subject), '/v1/accept', ticket);
    open.push(socket);
    return socket;
  }
  /** A promise that is looked at later must not count as unhandled. */
  function later<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    return promise;
  }
  async function echo(a: Socket, b: Socket): Promise<void> {
    b.once('data', (chunk: Buffer) => b.write(chunk));
    b.resume();
    const back = new Promise((resolve) => a.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    a.resume();
    a.write('through');
    assert.equal(await back, 'through');
  }

  it('joins a caller with the target that dials back, and says who calls', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    assert.match(target.id, /^north-3:[0-9]+$/);
    const calling = connect(target.id);
    const dial = await target.next('dial');
    assert.equal(dial.from, 'notebook-1:1');
    assert.equal(dial.role, 'client');
    const { socket, headers } = await dialRelay(relay.dialler('worker', 'north-3'), '/v1/accept', dial.ticket);
    open.push(socket);
    assert.equal(headers.get('sitespan-from'), 'notebook-1:1');
    assert.equal(headers.get('sitespan-role'), 'client');
    await echo(await calling, socket);
  });

  it('says why to who is known, and its log says so, too', async () => {
    await start({ idsPerCluster: 3 });
    const scheduler = await listen('scheduler', 'scheduler:8786');
    await listen('worker', 'north-3:40000');
    const cases: readonly [Role, string, string, string, string?][] = [
      ['worker', 'north-3', '/v1/sing', '400 Bad Request', 'bad-request'],
      ['client', 'notebook-1', '/v1/connect?to=north-3:99999&from=notebook-1:1', '400 Bad Request', 'bad-request'],
      ['client', 'notebook-1', '/v1/control?id=notebook-1:0', '403 Forbidden', 'role-not-allowed'],
      ['joiner', 'join-1', '/v1/control?id=join-1:0', '403 Forbidden', 'role-not-allowed'],
      ['joiner', 'join-1', `/v1/connect?to=${scheduler.id}&from=join-1:1`, '403 Forbidden', 'role-not-allowed'],
      ['client', 'notebook-1', '/v1/connect?to=keeper:1&from=notebook-1:1', '403 Forbidden', 'role-not-allowed'],
      ['worker', 'north-3', '/v1/control?id=north-4:0', '403 Forbidden', 'not-your-name'],
      ['worker', 'scheduler', '/v1/control?id=scheduler:1', '403 Forbidden', 'not-your-name'],
      ['client', 'notebook-1', '/v1/connect?to=north-3:40000&from=notebook-2:1', '403 Forbidden', 'not-your-name'],
      ['worker', 'north-3', '/v1/connect?to=notebook-1:1&from=north-3:1', '404 Not Found', 'unknown-target'],
      ['client', 'notebook-1', '/v1/connect?to=north-9:1&from=notebook-1:1', '404 Not Found', 'unknown-target'],
      ['worker', 'north-3', '/v1/accept', '404 Not Found', 'ticket-unknown'],
      ['scheduler', 'scheduler', '/v1/control?id=scheduler:8786', '409 Conflict', 'id-in-use'],
    ];
    for (const [role, subject, target, status, code] of cases) {
      relay.events.length = 0;
      const answer = await ask(relay, certificate, preludeOf(relay.dialler(role, subject), target));
      const expected = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nSitespan-Refusal: ${code}\r\n\r\n`;
      assert.equal(answer, expected, target);
      await relay.logged({ event: 'refused', code: code ?? '', subject, role });
    }
  });

  it('knows nothing of one cluster in another', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    const other = relay.dialler('client', 'notebook-1', { cluster: 'another' });
    await assert.rejects(dialRelay(other, `/v1/connect?to=${target.id}&from=notebook-1:1`), { code: 'unknown-target' });
  });

  it('honours a ticket once, and only from its target', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    const calling = connect(target.id);
    const { ticket } = await target.next('dial');
    await assert.rejects(accept('south-1', ticket), { code: 'ticket-unknown' });
    await relay.logged({ code: 'ticket-unknown', subject: 'south-1', why: "The ticket is another's." });
    const accepted = await accept('north-3', ticket);
    await assert.rejects(accept('north-3', ticket), { code: 'ticket-unknown' });
    await relay.logged({ code: 'ticket-unknown', why: 'The ticket was spent.' });
    await echo(await calling, accepted);
  });

  it('tells a caller that its target refused, or did not answer', async () => {
    await start({ ticketMs: 200 });
    const target = await listen('worker', 'north-3:0');
    const refused = later(connect(target.id));
    target.say({ op: 'refuse', ticket: (await target.next('dial')).ticket });
    await assert.rejects(refused, { code: 'target-refused', final: false });
    await assert.rejects(connect(target.id), { code: 'target-silent', final: false });
    const { ticket } = await target.next('dial', 2);
    await assert.rejects(accept('north-3', ticket), { code: 'ticket-unknown' });
    await relay.logged({ code: 'ticket-unknown', why: 'The ticket was expired.' });
  });

  it('forgets a caller that does not wait', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    const stop = new AbortController();
    const who = relay.dialler('client', 'notebook-1');
    const impatient = later(
      dialRelay(who, `/v1/connect?to=${target.id}&from=notebook-1:1`, undefined, { signal: stop.signal }),
    );
    const { ticket } = await target.next('dial');
    stop.abort(new Error('changed my mind'));
    await assert.rejects(impatient, { message: 'changed my mind' });
    await until(
      async () => {
        const refused = await accept('north-3', ticket).then(
          () => false,
          () => true,
        );
        return refused;
      },
      { timeoutMs: 2000, what: 'the end of the ticket' },
    );
  });

  it('cuts a caller that talks before it is joined', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    const engine = await tlsTo(relay, certificate);
    open.push(engine);
    engine.write(preludeOf(relay.dialler('client', 'notebook-1'), `/v1/connect?to=${target.id}&from=notebook-1:1`));
    const { ticket } = await target.next('dial');
    engine.write('too soon');
    assert.equal(await readAll(engine), '');
    await assert.rejects(accept('north-3', ticket), { code: 'ticket-unknown' });
  });

  it('lets so many wait for one target', async () => {
    await start({ waitingPerTarget: 2 });
    const target = await listen('worker', 'north-3:0');
    const waiting = [later(connect(target.id)), later(connect(target.id))];
    await target.next('dial', 2);
    await assert.rejects(connect(target.id), { code: 'limit', final: false });
    await accept('north-3', (await target.next('dial', 1)).ticket);
    await accept('north-3', (await target.next('dial', 2)).ticket);
    await Promise.all(waiting);
    const one = connect(target.id);
    await accept('north-3', (await target.next('dial', 3)).ticket);
    await one;
  });

  it('has so many streams of one target, and of all', async () => {
    await start({ streamsPerTarget: 1, streams: 2 });
    const [north, south] = [await listen('worker', 'north-3:0'), await listen('worker', 'south-1:0')];
    const first = connect(north.id);
    await accept('north-3', (await north.next('dial')).ticket);
    await assert.rejects(connect(north.id), { code: 'limit' });
    const second = connect(south.id);
    await accept('south-1', (await south.next('dial')).ticket);
    const third = await listen('worker', 'east-1:0');
    await assert.rejects(connect(third.id), { code: 'limit' });
    (await first).destroy();
    await relay.logged({ event: 'stream-ended', to: north.id });
    const again = connect(third.id);
    await accept('east-1', (await third.next('dial')).ticket);
    await Promise.all([second, again]);
  });

  it('keeps a lost id for who has the cookie, and its callers wait', async () => {
    await start({ graceMs: 2000 });
    const before = await listen('worker', 'north-3:0');
    const { cookie: given } = await before.next('registered');
    assert.equal(given, cookie(before.id));
    before.socket.destroy();
    await relay.logged({ event: 'control-ended' });
    await assert.rejects(listen('worker', before.id), { code: 'id-in-use' });
    await assert.rejects(listen('worker', before.id, 'f'.repeat(32)), { code: 'id-in-use' });
    const calling = connect(before.id);
    const after = await listen('worker', before.id, given);
    assert.equal(after.id, before.id);
    await echo(await accept('north-3', (await after.next('dial')).ticket), await calling);
  });

  it('gives a live id to a second connection with the cookie; its callers and streams go on', async () => {
    await start();
    const before = await listen('worker', 'north-3:0');
    const streaming = connect(before.id);
    const accepted = await accept('north-3', (await before.next('dial')).ticket);
    const waiting = connect(before.id);
    const { ticket } = await before.next('dial', 2);
    const after = await listen('worker', before.id, cookie(before.id));
    await before.closed();
    assert.equal((await after.next('dial')).ticket, ticket);
    await echo(await accept('north-3', ticket), await waiting);
    await echo(await streaming, accepted);
  });

  it('frees a lost id after the grace time, and turns its callers away', async () => {
    await start({ graceMs: 150 });
    const before = await listen('scheduler', 'scheduler:8786');
    before.socket.destroy();
    await relay.logged({ event: 'control-ended' });
    await assert.rejects(connect('scheduler:8786'), { code: 'unknown-target' });
    await listen('scheduler', 'scheduler:8786');
  });

  it('frees an id at once on bye, and its streams go on', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    const calling = connect(target.id);
    const accepted = await accept('north-3', (await target.next('dial')).ticket);
    target.say({ op: 'bye' });
    await target.closed();
    await assert.rejects(connect(target.id), { code: 'unknown-target' });
    await echo(await calling, accepted);
  });

  it('waits, when it is young, for the target of who comes again', async () => {
    await start();
    const calling = connect('north-3:40000', '&again=1');
    await assert.rejects(connect('north-3:40000'.replace('north', 'south')), { code: 'unknown-target' });
    const target = await listen('worker', 'north-3:40000');
    await echo(await accept('north-3', (await target.next('dial')).ticket), await calling);
  });

  it('does not wait for ever, nor when it is old', async () => {
    await start({ graceMs: 200 });
    await assert.rejects(connect('north-3:40000', '&again=1'), { code: 'unknown-target' });
    const before = performance.now();
    await assert.rejects(connect('north-3:40000', '&again=1'), { code: 'unknown-target' });
    assert.ok(performance.now() - before < 5000);
  });

  it('ends a control connection that is silent, and pings one that is not', async () => {
    await start({ pingMs: 30, silentMs: 300 });
    const silent = await listen('worker', 'north-3:0');
    const alive = await listen('worker', 'south-1:0');
    const pong = setInterval(() => alive.say({ op: 'pong' }), 30);
    try {
      assert.equal((await alive.next('registered')).pingMs, 30);
      await silent.next('ping', 3);
      await silent.closed();
      await relay.logged({ event: 'control-ended', subject: 'north-3', why: 'the listener is silent' });
      assert.equal(alive.socket.readableEnded, false);
    } finally {
      clearInterval(pong);
    }
  });

  it('ends a control connection that talks nonsense', async () => {
    await start();
    const target = await listen('worker', 'north-3:0');
    target.socket.write('nonsense\n');
    await target.closed();
    const long = await listen('worker', 'south-1:0');
    long.socket.write('x'.repeat(64 * 1024 + 1));
    await long.closed();
    const { why } = await relay.logged({ event: 'control-ended', subject: 'south-1' });
    assert.match(String(why), /too long/);
  });

  describe('revocation', () => {
    it('cuts control connection and streams, refuses what comes, and spares the others', async () => {
      await start();
      const keeper = await listen('keeper', 'keeper:1');
      const [north, south] = [await listen('worker', 'north-3:0'), await listen('worker', 'south-1:0')];
      const [toNorth, toSouth] = [connect(north.id), connect(south.id)];
      const atNorth = await accept('north-3', (await north.next('dial')).ticket);
      const atSouth = await accept('south-1', (await south.next('dial')).ticket);
      const fromNorth = connect(south.id, '', 'worker', 'north-3');
      const acceptedFromNorth = await accept('south-1', (await south.next('dial', 2)).ticket);
      const waitingNorth = later(connect(south.id, '', 'worker', 'north-3'));
      await south.next('dial', 3);
      keeper.say({ op: 'revoke', subjects: ['north-3', 'nobody'] });
      assert.equal((await keeper.next('revoked')).count, 2);
      await north.closed();
      for (const socket of [await toNorth, atNorth, await fromNorth, acceptedFromNorth]) {
        socket.resume();
        await until(() => socket.closed, { timeoutMs: 3000, everyMs: 2, what: 'the cut' });
      }
      await assert.rejects(waitingNorth, { code: 'revoked', final: true });
      await assert.rejects(listen('worker', 'north-3:0'), { code: 'revoked' });
      await assert.rejects(connect(south.id, '', 'worker', 'north-3'), { code: 'revoked' });
      await echo(await toSouth, atSouth);
    });

    it('is the whole list: who is not named any more may come back', async () => {
      await start();
      const keeper = await listen('keeper', 'keeper:1');
      keeper.say({ op: 'revoke', subjects: ['north-3'] });
      await keeper.next('revoked');
      keeper.say({ op: 'revoke', subjects: [] });
      assert.equal((await keeper.next('revoked', 2)).count, 0);
      await listen('worker', 'north-3:0');
    });

    it('takes as many subjects as the limit says, in one line', async () => {
      await start();
      const keeper = await listen('keeper', 'keeper:1');
      const subjects = Array.from({ length: 10_000 }, (_, number) => `${'n'.repeat(58)}-${number}`);
      keeper.say({ op: 'revoke', subjects });
      assert.equal((await keeper.next('revoked')).count, 10_000);
      keeper.say({ op: 'revoke', subjects: [...subjects, 'one-more'] });
      await keeper.closed();
    });

    it('is the keeper alone who may', async () => {
      await start();
      const south = await listen('worker', 'south-1:0');
      const north = await listen('worker', 'north-3:0');
      north.say({ op: 'revoke', subjects: ['south-1'] });
      await north.closed();
      const calling = connect(south.id);
      await echo(await accept('south-1', (await south.next('dial')).ticket), await calling);
    });
  });
});
