import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { until } from '../../../src/base/waiting.js';
import { type Spliced, splice } from '../../../src/relay/splice.js';

/** Two ends, joined by a splice of their other halves. */
interface Joined {
  readonly a: Socket;
  readonly b: Socket;
  readonly innerA: Socket;
  readonly innerB: Socket;
  readonly ended: Promise<Spliced>;
}

describe('splice', () => {
  const lingerMs = 50;
  let server: Server;
  let sockets: Socket[] = [];

  before(async () => {
    server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  });

  async function pair(): Promise<[Socket, Socket]> {
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const inner = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const outer = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [outer, await inner]) {
      socket.on('error', () => socket.destroy());
      sockets.push(socket);
    }
    return [outer, await inner];
  }

  async function join(linger = lingerMs): Promise<Joined> {
    const [[a, innerA], [b, innerB]] = [await pair(), await pair()];
    const ended = new Promise<Spliced>((resolve) => splice(innerA, innerB, resolve, linger));
    return { a, b, innerA, innerB, ended };
  }

  async function all(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('copies both ways, and counts', async () => {
    const { a, b, ended } = await join();
    a.end('ping');
    b.end('pong!');
    assert.equal((await all(b)).toString(), 'ping');
    assert.equal((await all(a)).toString(), 'pong!');
    assert.deepEqual(await ended, { bytes: 9 });
  });

  it('passes on the end of one direction and leaves the other open', async () => {
    const { a, b } = await join();
    a.end('question');
    assert.equal((await all(b)).toString(), 'question');
    b.write('an answer after ');
    b.end('the end');
    assert.equal((await all(a)).toString(), 'an answer after the end');
  });

  it('ends the other when one breaks', async () => {
    const { a, b, ended } = await join();
    b.resume();
    a.resetAndDestroy();
    await ended;
    await until(() => b.readableEnded || b.destroyed, { timeoutMs: 2000, what: 'the end of b', everyMs: 5 });
  });

  it('still brings what one end had sent before it broke', async () => {
    const { a, b, innerA } = await join();
    a.write('last words');
    await until(() => innerA.bytesRead === 10, { timeoutMs: 2000, what: 'the words', everyMs: 2 });
    a.resetAndDestroy();
    assert.equal((await all(b)).toString(), 'last words');
  });

  it('does not read from one end what the other does not take', async () => {
    const { a, b, innerA, innerB } = await join();
    const block = Buffer.alloc(1 << 20, 1);
    const total = 64;
    for (let i = 0; i < total; i++) a.write(block);
    a.end();
    // Nobody reads at b: what is in the splice stays small, whatever the kernel holds.
    let before = -1;
    await until(
      () => {
        const still = innerA.bytesRead === before;
        before = innerA.bytesRead;
        return still && before > 0;
      },
      { timeoutMs: 5000, everyMs: 100, what: 'a standstill' },
    );
    assert.ok(innerA.bytesRead < total * block.length);
    assert.ok(innerB.writableLength <= 256 * 1024, `${innerB.writableLength} bytes are held`);
    assert.equal((await all(b)).length, total * block.length);
  });

  /** Sends from a until the kernel takes no more for b, which does not read; a little is then left inside the splice. */
  async function fill({ a, innerA, innerB }: Joined): Promise<number> {
    const piece = Buffer.alloc(8192, 1);
    let sent = 0;
    while (innerB.writableLength === 0) {
      a.write(piece);
      sent += piece.length;
      const all = sent;
      await until(() => innerA.bytesRead === all, { timeoutMs: 2000, everyMs: 0, what: 'the piece' });
    }
    return sent;
  }

  it('lets a reader take its time for what is left, though the writer has ended and gone', async () => {
    const joined = await join();
    const { a, b, innerA } = joined;
    b.end();
    a.resume();
    const sent = await fill(joined);
    a.end();
    await until(() => innerA.closed, { timeoutMs: 2000, everyMs: 2, what: 'the regular end of a' });
    await new Promise((resolve) => setTimeout(resolve, 4 * lingerMs));
    assert.equal((await all(b)).length, sent);
  });

  it('lets a reader have what was sent before the writer broke, for a while', async () => {
    const joined = await join(10_000);
    const { a, b, innerA } = joined;
    const sent = await fill(joined);
    a.resetAndDestroy();
    await until(() => innerA.closed, { timeoutMs: 2000, everyMs: 2, what: 'the break of a' });
    assert.equal((await all(b)).length, sent);
  });

  it('does not wait for ever for a reader whose writer broke', async () => {
    const joined = await join();
    await fill(joined);
    joined.a.resetAndDestroy();
    await joined.ended;
  });

  it('ends at once when an end is closed already', async () => {
    const [[, innerA], [b, innerB]] = [await pair(), await pair()];
    innerA.destroy();
    await until(() => innerA.closed, { timeoutMs: 1000, everyMs: 1, what: 'the close' });
    b.resume();
    assert.deepEqual(await new Promise((resolve) => splice(innerA, innerB, resolve)), { bytes: 0 });
  });
});
