import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { CuttingProxy } from '../../../src/bench/cuttingProxy.js';

describe('CuttingProxy', () => {
  let server: Server;
  let proxy: CuttingProxy;
  let dialled: Socket;
  let accepted: Socket;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    proxy = await CuttingProxy.listen(address.port);
    const connection = once(server, 'connection');
    dialled = connect(proxy.port, '127.0.0.1');
    [accepted] = await connection;
  });

  afterEach(() => {
    for (const one of [dialled, accepted]) one.destroy();
    proxy.dispose();
    server.close();
  });

  it('hands on bytes both ways', async () => {
    dialled.write('ask');
    assert.equal(String((await once(accepted, 'data'))[0]), 'ask');
    accepted.write('answer');
    assert.equal(String((await once(dialled, 'data'))[0]), 'answer');
  });

  it('ends a connection at both of its ends by FIN', async () => {
    const ends = Promise.all([once(dialled.resume(), 'end'), once(accepted.resume(), 'end')]);
    proxy.cut('FIN');
    await ends;
  });

  it('breaks a connection at both of its ends by RST', async () => {
    const broken = Promise.all([once(dialled, 'error'), once(accepted, 'error')]);
    for (const one of [dialled, accepted]) one.resume();
    proxy.cut('RST');
    for (const [error] of await broken) assert.equal(error.code, 'ECONNRESET');
  });

  it('takes new connections after a cut', async () => {
    proxy.cut('RST');
    dialled.on('error', () => undefined);
    accepted.on('error', () => undefined);
    const connection = once(server, 'connection');
    const again = connect(proxy.port, '127.0.0.1');
    const [far] = await connection;
    again.write('still there');
    assert.equal(String((await once(far, 'data'))[0]), 'still there');
    again.destroy();
    far.destroy();
  });
});
