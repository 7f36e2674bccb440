import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { readHead } from '../../../src/relay/readHead.js';

describe('readHead', () => {
  const never = new AbortController().signal;

  it('reads a head that comes byte by byte', async () => {
    const stream = new PassThrough();
    const read = readHead(stream, 100, never);
    for (const byte of Buffer.from('GET / HTTP/1.1\r\n\r\n')) stream.write(Buffer.of(byte));
    assert.deepEqual(await read, { head: 'GET / HTTP/1.1\r\n\r\n', rest: Buffer.alloc(0) });
  });

  it('gives what came after the head, and leaves the rest in the stream', async () => {
    const stream = new PassThrough();
    const read = readHead(stream, 100, never);
    stream.write('head\r\n\r\nmore');
    assert.equal((await read).rest.toString(), 'more');
    stream.write('later');
    assert.equal(stream.read()?.toString(), 'later');
  });

  it('takes a head of exactly the limit, and none that is larger', async () => {
    const just = new PassThrough();
    just.write(`${'x'.repeat(96)}\r\n\r\n`);
    assert.equal((await readHead(just, 100, never)).head.length, 100);
    const over = new PassThrough();
    over.write(`${'x'.repeat(97)}\r\n\r\n`);
    await assert.rejects(readHead(over, 100, never), { code: 'head-too-large' });
  });

  it('does not wait for a line end that never comes', async () => {
    const stream = new PassThrough();
    stream.write('x'.repeat(101));
    await assert.rejects(readHead(stream, 100, never), { code: 'head-too-large' });
  });

  it('fails when the stream ends first', async () => {
    const stream = new PassThrough();
    stream.end('GET /');
    await assert.rejects(readHead(stream, 100, never), { code: 'head-garbage' });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const read = readHead(new PassThrough(), 100, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(read, { message: 'enough' });
  });
});
