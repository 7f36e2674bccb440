import assert from 'node:assert/strict';
import { until } from '../../../src/base/waiting.js';
import { dialControl, dialRelay } from '../../../src/relay/dial.js';
import type { Limits } from '../../../src/relay/limits.js';
import { RelayListener } from '../../../src/relay/listener.js';
import { type Certificate, cookie, dialler, makeCertificate, RelayHere, readAll } from './rig.js';
import { TamperingProxy } from './tamperingProxy.js';

describe('RelayListener', () => {
  let certificate: Certificate;
  let relay: RelayHere;
  let listeners: RelayListener[] = [];
  const soon = { timeoutMs: 5000, everyMs: 5 };

  before(() => {
    certificate = makeCertificate();
  });
  after(() => certificate.remove());
  afterEach(async () => {
    for (const listener of listeners) listener.dispose();
    listeners = [];
    await relay.close();
  });

  async function start(limits: Partial<Limits> = {}, port = 0): Promise<void> {
    relay = await RelayHere.start(certificate, limits, port);
  }
  function keep(listener: RelayListener): RelayListener {
    listeners.push(listener);
    return listener;
  }
  const keeper = () =>
    keep(new RelayListener(relay.dialler('keeper', 'keeper'), 'keeper:1', { cookie: cookie('keeper:1') }));
  const joiner = () => relay.dialler('joiner', 'join-1');
  const call = async (options: { timeoutMs?: number } = {}): Promise<string> => {
    const { socket } = await dialRelay(joiner(), '/v1/connect?to=keeper:1&from=join-1:1&again=1', undefined, options);
    socket.end();
    return await readAll(socket);
  };

  it('hands out streams, and says whose', async () => {
    await start();
    const listener = keeper();
    listener.onStream((socket, from, role) => {
      socket.end(`${role} ${from}`);
      socket.resume();
    });
    assert.equal(await listener.registered(soon), 'keeper:1');
    const answers = await Promise.all(Array.from({ length: 20 }, () => call()));
    assert.deepEqual(new Set(answers), new Set(['joiner join-1:1']));
  });

  it('refuses while nobody receives', async () => {
    await start();
    const listener = keeper();
    await listener.registered(soon);
    await assert.rejects(call(), { code: 'target-refused' });
    const subscription = listener.onStream((socket) => socket.end('now'));
    assert.equal(await call(), 'now');
    subscription.dispose();
    await assert.rejects(call(), { code: 'target-refused' });
  });

  it('outlives a receiver that throws', async () => {
    await start();
    const problems: unknown[] = [];
    const options = { cookie: cookie('keeper:1'), onProblem: (error: unknown) => problems.push(error) };
    const listener = keep(new RelayListener(relay.dialler('keeper', 'keeper'), 'keeper:1', options));
    let first = true;
    listener.onStream((socket) => {
      if (first) {
        first = false;
        throw new Error('not today');
      }
      socket.end('fine');
    });
    await listener.registered(soon);
    assert.equal(await call(), '');
    assert.equal(await call(), 'fine');
    assert.match(String(problems), /not today/);
  });

  it('comes back under its id when the relay does, and callers that come again wait for it', async () => {
    await start();
    const worker = keep(new RelayListener(relay.dialler('worker', 'north-3'), 'north-3:0'));
    worker.onStream((socket) => socket.end('still me'));
    const id = await worker.registered(soon);
    await relay.close();
    await until(() => worker.state.phase === 'connecting', { ...soon, what: 'the loss' });
    await start({}, relay.port);
    const client = relay.dialler('client', 'notebook-1');
    const { socket } = await dialRelay(client, `/v1/connect?to=${id}&from=notebook-1:1&again=1`);
    socket.end();
    assert.equal(await readAll(socket), 'still me');
    assert.deepEqual(worker.state, { phase: 'registered', id });
  });

  it('says again who is revoked, to a relay that has forgotten', async () => {
    await start();
    const listener = keeper();
    listener.revoke(['join-1']);
    await listener.registered(soon);
    await relay.logged({ event: 'revoke', count: 1 });
    await assert.rejects(call(), { code: 'revoked' });
    await relay.close();
    await start({}, relay.port);
    await relay.logged({ event: 'revoke', count: 1 });
    await assert.rejects(call(), { code: 'revoked' });
  });

  it('takes its id from a predecessor that died, by the cookie', async () => {
    await start();
    const predecessor = await dialControl(relay.dialler('keeper', 'keeper'), '/v1/control?id=keeper:1');
    const listener = keeper();
    await listener.registered(soon);
    predecessor.socket.resume();
    await until(() => predecessor.socket.destroyed, { ...soon, what: 'the end of the predecessor' });
  });

  it('comes back under its id when its connection alone was lost', async () => {
    await start();
    const proxy = await TamperingProxy.to(relay);
    try {
      const listener = keep(new RelayListener(dialler(proxy, certificate, 'worker', 'north-3'), 'north-3:0'));
      const id = await listener.registered(soon);
      proxy.cut();
      await until(() => listener.state.phase === 'connecting', { ...soon, what: 'the loss' });
      assert.equal(await listener.registered(soon), id);
    } finally {
      proxy.close();
    }
  });

  it('notices a relay that is silent, and dials again', async () => {
    await start({ pingMs: 40 });
    const proxy = await TamperingProxy.to(relay);
    try {
      const who = dialler(proxy, certificate, 'worker', 'north-3');
      const listener = keep(new RelayListener(who, 'north-3:0'));
      const id = await listener.registered(soon);
      proxy.manner = 'frozen';
      await until(() => listener.state.phase === 'connecting', { ...soon, what: 'the loss' });
      // The dial that met the silence is cut as well.
      proxy.manner = 'straight';
      listener.dispose();
      const again = keep(new RelayListener(who, id, { cookie: cookie(id) }));
      assert.equal(await again.registered(soon), id);
    } finally {
      proxy.close();
    }
  });

  it('goes on for long while it is pinged', async () => {
    await start({ pingMs: 20, silentMs: 100 });
    const listener = keeper();
    await listener.registered(soon);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(relay.events.filter(({ event }) => event === 'registered').length, 1);
    assert.equal(listener.state.phase, 'registered');
  });

  it('ends when the relay says that it can never be', async () => {
    await start();
    const client = keep(new RelayListener(relay.dialler('client', 'notebook-1'), 'notebook-1:0'));
    await assert.rejects(client.registered(soon), { code: 'role-not-allowed' });
    assert.equal(client.state.phase, 'ended');
  });

  it('gives its id back when it is disposed', async () => {
    await start();
    const first = keep(new RelayListener(relay.dialler('scheduler', 'scheduler'), 'scheduler:8786'));
    await first.registered(soon);
    first.dispose();
    assert.equal(first.state.phase, 'ended');
    await relay.logged({ event: 'control-ended' });
    const second = keep(new RelayListener(relay.dialler('scheduler', 'scheduler'), 'scheduler:8786'));
    assert.equal(await second.registered(soon), 'scheduler:8786');
  });

  it('does not take more revoked subjects than the relay', async () => {
    await start();
    assert.throws(() => keeper().revoke(Array.from({ length: 10_001 }, (_, n) => `n-${n}`)), { code: 'limit' });
  });
});
