import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { upgradeAnswer } from '../../../src/relay/answers.js';
import { dialControl, dialRelay } from '../../../src/relay/dial.js';
import { RelayListener } from '../../../src/relay/listener.js';
import { type Certificate, dialler, makeCertificate, RelayHere, readAll } from './rig.js';
import { type Manner, TamperingProxy } from './tamperingProxy.js';

describe('dialControl', () => {
  it('loses no line that comes in one piece with the answer', async () => {
    const certificate = makeCertificate();
    const server = createTlsServer({ cert: certificate.cert, key: certificate.key }, (socket) => {
      socket.once('data', () => socket.end(`${upgradeAnswer()}{"op":"ping"}\n`));
    });
    try {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      const who = dialler({ host: '127.0.0.1', port: address.port }, certificate, 'worker', 'north-3');
      const { socket } = await dialControl(who, '/v1/control?id=north-3:0');
      assert.equal(await readAll(socket), '{"op":"ping"}\n');
    } finally {
      server.close();
      certificate.remove();
    }
  });
});

describe('dialRelay', () => {
  let certificate: Certificate;
  let relay: RelayHere;
  let proxy: TamperingProxy;
  let listener: RelayListener;
  let target = '';
  let receive: (socket: Socket) => void = (socket) => socket.destroy();

  before(async () => {
    certificate = makeCertificate();
    relay = await RelayHere.start(certificate);
    proxy = await TamperingProxy.to(relay);
    listener = new RelayListener(relay.dialler('worker', 'north-3'), 'north-3:0');
    listener.onStream((socket) => receive(socket));
    target = `/v1/connect?to=${await listener.registered({ timeoutMs: 5000 })}&from=notebook-1:1`;
  });
  after(async () => {
    listener.dispose();
    proxy.close();
    await relay.close();
    certificate.remove();
  });
  beforeEach(() => {
    proxy.manner = 'straight';
  });

  const caller = () => relay.dialler('client', 'notebook-1');
  const callerByProxy = () => dialler(proxy, certificate, 'client', 'notebook-1');

  for (const manner of ['lumps', 'dribbles', 'straight'] satisfies Manner[]) {
    it(`loses no byte that comes with the step down: ${manner}`, async () => {
      proxy.manner = manner;
      const words = Buffer.from('the peer speaks first, as soon as it can '.repeat(1000));
      receive = (socket) => {
        socket.end(words);
        socket.resume();
      };
      const { socket } = await dialRelay(callerByProxy(), target);
      socket.end();
      assert.equal(await readAll(socket), words.toString());
    });
  }

  it('carries the end of one direction to the other end, and lets the other go on', async () => {
    receive = (socket) => {
      socket.allowHalfOpen = true;
      let got = '';
      socket.on('data', (chunk: Buffer) => {
        got += chunk.toString();
      });
      socket.on('end', () => socket.end(`heard ${got}, then the end`));
      socket.resume();
    };
    const { socket } = await dialRelay(caller(), target);
    socket.end('a question');
    assert.equal(await readAll(socket), 'heard a question, then the end');
  });

  it('copies much both ways at once, with a slow reader', async () => {
    const size = 24 << 20;
    const pattern = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 8)) & 255));
    const send = async (socket: Socket): Promise<void> => {
      for (let sent = 0; sent < size; sent += pattern.length) {
        if (!socket.write(pattern)) await new Promise((resolve) => socket.once('drain', resolve));
      }
      socket.end();
    };
    const check = async (socket: Socket, slow: boolean): Promise<number> => {
      let got = 0;
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        assert.ok(Buffer.isBuffer(chunk));
        const at = got % pattern.length;
        const expected = Buffer.concat([pattern.subarray(at), pattern]).subarray(0, chunk.length);
        assert.ok(chunk.equals(expected), `a wrong byte after ${got}`);
        got += chunk.length;
        if (slow) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return got;
    };
    const far = new Promise<number>((resolve, reject) => {
      receive = (socket) => {
        socket.allowHalfOpen = true;
        Promise.all([check(socket, true), send(socket)]).then(([got]) => resolve(got), reject);
      };
    });
    const { socket } = await dialRelay(caller(), target);
    socket.allowHalfOpen = true;
    const [got] = await Promise.all([check(socket, false), send(socket)]);
    assert.equal(got, size);
    assert.equal(await far, size);
  });

  it('corrects a clock that is wrong, and remembers', async () => {
    receive = (socket) => socket.end('hello');
    const clock = { offsetMs: -300_000 };
    relay.events.length = 0;
    for (let time = 0; time < 2; time++) {
      const { socket } = await dialRelay(caller(), target, undefined, { clock });
      socket.end();
      assert.equal(await readAll(socket), 'hello');
    }
    assert.ok(Math.abs(clock.offsetMs) < 5000, `${clock.offsetMs}`);
    assert.equal(relay.events.filter(({ code }) => code === 'stale-clock').length, 1);
  });

  it('says what is wrong: nobody there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    await new Promise((resolve) => server.close(resolve));
    const nowhere = dialler({ host: '127.0.0.1', port: address.port }, certificate, 'client', 'notebook-1');
    await assert.rejects(dialRelay(nowhere, target), { code: 'relay-unreachable', message: /ECONNREFUSED/ });
  });

  it('says what is wrong: another certificate', async () => {
    const other = makeCertificate();
    try {
      const fooled = dialler(relay, other, 'client', 'notebook-1');
      await assert.rejects(dialRelay(fooled, target), { code: 'relay-untrusted' });
      const { relay: where, credential } = caller();
      const misnamed = { credential, relay: { ...where, serverName: 'another-name' } };
      await assert.rejects(dialRelay(misnamed, target), { code: 'relay-untrusted', message: /ALTNAME/ });
    } finally {
      other.remove();
    }
  });

  it('says what is wrong: not known there', async () => {
    const stranger = relay.dialler('client', 'notebook-1', { tenant: 'you' });
    await assert.rejects(dialRelay(stranger, target), { code: 'relay-stranger' });
  });

  it('says what is wrong: refused', async () => {
    const nobody = '/v1/connect?to=north-9:1&from=notebook-1:1';
    await assert.rejects(dialRelay(caller(), nobody), { code: 'unknown-target', final: true, status: 404 });
  });

  it('gives up in time, and leaves nothing behind', async () => {
    proxy.manner = 'frozen';
    await assert.rejects(dialRelay(callerByProxy(), target, undefined, { timeoutMs: 150 }), { code: 'deadline' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await assert.rejects(dialRelay(callerByProxy(), target, undefined, { signal: stop.signal }), { message: 'enough' });
  });
});
