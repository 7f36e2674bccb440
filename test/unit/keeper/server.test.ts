import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import WebSocket from 'ws';
import { z } from 'zod';
import { SitespanError } from '../../../src/base/errors.js';
import { Emitter } from '../../../src/base/events.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { type ClusterSnapshot, clusterSnapshot } from '../../../src/keeper/api.js';
import { KeeperServer, type Route, route } from '../../../src/keeper/server.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { logLines } from './logLines.js';
import { snapshotWith } from './snapshots.js';

const answer = z.object({ twice: z.number().optional(), of: z.string().optional() });
const double = { path: '/v1/number/double', request: z.strictObject({ number: z.int() }), answer };
const nothing = { path: '/v1/cluster/nothing', request: z.strictObject({}), answer };

describe('KeeperServer', () => {
  const scratch = scratchFolder();
  const socket = (): string => join(scratch(), 'keeper.sock');
  const servers: KeeperServer[] = [];
  const viewers: WebSocket[] = [];
  const changed = new Emitter((error) => assert.fail(String(error)));
  let state: ClusterSnapshot;
  let log: ReturnType<typeof logLines>;

  beforeEach(() => {
    state = snapshotWith();
    log = logLines();
  });
  afterEach(() => {
    for (const viewer of viewers.splice(0)) viewer.terminate();
    for (const server of servers.splice(0)) server.dispose();
  });

  async function serve(...routes: Route[]): Promise<KeeperServer> {
    const server = new KeeperServer({ routes, snapshot: () => state, onDidChange: changed.event }, log.log);
    servers.push(server);
    await server.listen(socket());
    return server;
  }

  function ask(path: string, body: string | Buffer, method = 'POST') {
    return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; said: unknown }>(
      (resolve, reject) => {
        const asked = request({ socketPath: socket(), path, method, agent: false }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const said: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
            resolve({ status: answer.statusCode, headers: answer.headers, said });
          });
        });
        asked.on('error', reject);
        asked.end(body);
      },
    );
  }

  /** A viewer, and the snapshots that it has got, each checked to be whole. */
  async function view() {
    const viewer = new WebSocket(`ws+unix:${socket()}:/v1/state`);
    viewers.push(viewer);
    const got: ClusterSnapshot[] = [];
    viewer.on('message', (data) => got.push(clusterSnapshot.parse(JSON.parse(String(data)))));
    await until(() => got.length > 0, { timeoutMs: 3000, everyMs: 5, what: 'The first snapshot' });
    return { viewer, got };
  }

  const soon = (what: string, condition: () => boolean): Promise<void> =>
    until(condition, { timeoutMs: 5000, everyMs: 5, what });

  it('is for its owner alone', async () => {
    await serve();
    assert.equal((await stat(socket())).mode & 0o777, 0o600);
  });

  describe('asked', () => {
    it('answers with what the call gives', async () => {
      await serve(route(double, async ({ number }) => ({ twice: 2 * number })));
      const { status, headers, said } = await ask(double.path, '{"number": 21}');
      assert.deepEqual([status, headers['content-type'], said], [200, 'application/json', { twice: 42 }]);
    });

    it('takes no body for an empty request', async () => {
      await serve(route(nothing, async () => ({})));
      assert.equal((await ask(nothing.path, '')).status, 200);
    });

    it('says which part of a request is wrong, and does nothing', async () => {
      await serve(route(double, async () => assert.fail('it was asked')));
      for (const [body, why] of [
        ['{"number": "21"}', /^\/v1\/number\/double was asked wrongly: number: .*expected number/],
        ['{"number": 1, "more": 2}', /request: .*"more"/],
        ['[]', /request: /],
        ['{"number"', /^The request is not JSON\.$/],
      ] as const) {
        const { status, said } = await ask(double.path, body);
        const { code, message } = z.object({ code: z.string(), message: z.string() }).parse(said);
        assert.deepEqual([status, code], [400, 'bad-request']);
        assert.match(message, why);
      }
    });

    it('refuses a request that is too large', async () => {
      await serve(route(nothing, async () => ({})));
      const { status, said } = await ask(nothing.path, Buffer.alloc(4_000_001, ' '));
      assert.deepEqual([status, said], [400, { code: 'bad-request', message: 'The request is too large.' }]);
    });

    it('says of a call that it does not know that the caller is newer', async () => {
      await serve(route(nothing, async () => ({})));
      for (const [method, path] of [
        ['POST', '/v1/cluster/fly'],
        ['GET', nothing.path],
        ['POST', `${nothing.path}?x=1`],
      ] as const) {
        const { status, said } = await ask(path, '', method);
        const { code, message } = z.object({ code: z.string(), message: z.string() }).parse(said);
        assert.deepEqual([status, code], [404, 'call-unknown']);
        assert.match(message, /does not know (GET|POST) \/v1\/cluster\/\w+.*older/);
      }
    });

    it('hands an error on with its code, its sentence and its remedy', async () => {
      const remedy = { command: 'sitespan.scale', label: 'Scale again' };
      await serve(
        route(nothing, async () => {
          throw new SitespanError('pool-unknown', 'There is no pool main.', { remedy, cause: new Error('inner') });
        }),
      );
      const { status, said } = await ask(nothing.path, '{}');
      assert.deepEqual([status, said], [400, { code: 'pool-unknown', message: 'There is no pool main.', remedy }]);
    });

    it('says of a fault of its own that it is the keeper, and goes on', async () => {
      await serve(
        route(nothing, async () => {
          throw new TypeError('x is not a function');
        }),
        route(double, async () => ({})),
      );
      const { status, said } = await ask(nothing.path, '{}');
      assert.equal(status, 500);
      assert.deepEqual(said, {
        code: 'internal',
        message: 'The keeper on this computer failed: x is not a function',
      });
      assert.match(log.lines.join(''), /x is not a function.*a call failed/);
      assert.equal((await ask(double.path, '{"number": 1}')).status, 200);
    });

    it('answers others while one call takes its time', async () => {
      let finish = (): void => undefined;
      const slowly = new Promise<z.output<typeof answer>>((resolve) => {
        finish = () => resolve({});
      });
      await serve(
        route(nothing, () => slowly),
        route(double, async () => ({})),
      );
      const slow = ask(nothing.path, '{}');
      assert.equal((await ask(double.path, '{"number": 1}')).status, 200);
      finish();
      assert.equal((await slow).status, 200);
    });
  });

  describe('watched', () => {
    it('shows the whole state at once', async () => {
      await serve();
      assert.deepEqual((await view()).got, [state]);
    });

    it('shows the newest state after changes, at most twice a second', async () => {
      await serve();
      const { got } = await view();
      const begun = performance.now();
      let restarts = 0;
      while (performance.now() - begun < 700) {
        state = snapshotWith({ relay: { address: '', restarts: ++restarts } });
        changed.fire();
        await sleep(10);
      }
      await soon('The last state', () => got.at(-1)?.relay.restarts === restarts);
      const seconds = (performance.now() - begun) / 1000;
      assert.ok(got.length >= 2, `${got.length} snapshots`);
      // The first on connecting, the second at once.
      assert.ok(got.length <= 2 + 2 * seconds + 0.1, `${got.length} snapshots in ${seconds} s`);
    });

    it('shows its last state to all before it goes', async () => {
      const server = await serve();
      const [one, other] = [await view(), await view()];
      const closed = [once(one.viewer, 'close'), once(other.viewer, 'close')];
      state = snapshotWith({ phase: 'closing' });
      changed.fire();
      server.sendNow();
      server.dispose();
      await Promise.all(closed);
      for (const { got } of [one, other]) assert.equal(got.at(-1)?.phase, 'closing');
    });

    it('drops a viewer that does not read, and goes on with those that do', async () => {
      const server = await serve();
      const asleep = createConnection(socket());
      const key = Buffer.alloc(16).toString('base64');
      asleep.write(
        `GET /v1/state HTTP/1.1\r\nHost: keeper\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
      await once(asleep, 'readable');
      const { got } = await view();
      const problems = [{ code: 'x', message: 'x'.repeat(4_000_000) }];
      state = snapshotWith({ problems });
      for (let n = 0; n < 8; n++) {
        const before = got.length;
        server.sendNow();
        await soon('The next snapshot', () => got.length > before);
      }
      // What was on its way comes yet, then the end.
      let ended = false;
      asleep.on('close', () => {
        ended = true;
      });
      asleep.on('error', () => undefined);
      asleep.resume();
      await soon('The end of the viewer that sleeps', () => ended);
      state = snapshotWith();
      server.sendNow();
      await soon('The next snapshot', () => got.at(-1)?.problems.length === 0);
    });

    it('has nothing else to watch', async () => {
      await serve();
      const viewer = new WebSocket(`ws+unix:${socket()}:/v1/other`);
      const [error] = await once(viewer, 'error');
      assert.match(String(error), /404/);
    });

    it('ends who sends it more than a viewer has to say', async () => {
      await serve();
      const { viewer } = await view();
      viewer.send('x'.repeat(2000));
      await once(viewer, 'close');
    });
  });

  describe('beside another', () => {
    it('is refused while the other answers, which is left alone', async () => {
      await serve(route(nothing, async () => ({ of: 'the first' })));
      await assert.rejects(serve(), { code: 'keeper-running' });
      assert.deepEqual((await ask(nothing.path, '{}')).said, { of: 'the first' });
    });

    it('takes the place of one that was killed', async () => {
      const listenAndDie = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
      await once(spawn(process.execPath, ['-e', listenAndDie, socket()], { stdio: 'ignore' }), 'exit');
      assert.ok((await stat(socket())).isSocket());
      await serve(route(nothing, async () => ({})));
      assert.equal((await ask(nothing.path, '{}')).status, 200);
    });

    it('makes room when it is disposed, whoever is still connected', async () => {
      const first = await serve();
      await view();
      first.dispose();
      await serve(route(nothing, async () => ({})));
      assert.equal((await ask(nothing.path, '{}')).status, 200);
    });
  });

  it('says why it cannot listen', async () => {
    const server = new KeeperServer({ routes: [], snapshot: () => state, onDidChange: changed.event }, log.log);
    servers.push(server);
    await assert.rejects(server.listen(join(scratch(), 'none', 'keeper.sock')), {
      code: 'socket-refused',
      message: /No socket can be made at .*none/,
    });
  });
});
