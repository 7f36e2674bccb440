import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptKept, endKept, keptOf } from '../../../src/base/child/kept.js';
import { SitespanError } from '../../../src/base/errors.js';
import { Emitter } from '../../../src/base/events.js';
import { socketPath } from '../../../src/base/runtimePaths.js';
import { until } from '../../../src/base/waiting.js';
import { type ClusterSnapshot, calls } from '../../../src/keeper/api.js';
import { KeeperClient } from '../../../src/keeper/client.js';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { KeeperServer, type Route, route } from '../../../src/keeper/server.js';
import { logLines } from './logLines.js';
import { clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';
import { snapshotWith } from './snapshots.js';

/** A program that stands for the keeper's: it only runs; who answers on the socket is the test. */
const runs = `console.error('up', ...process.argv.slice(2)); setInterval(() => 0, 1000);`;

describe('KeeperClient', function () {
  this.timeout(120_000);
  let folder: ClusterFolder | undefined;
  const open: { dispose(): void }[] = [];
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) one.dispose();
    if (folder !== undefined) await endKept(folder.keeper, { graceMs: 0 });
  });
  const home = scratchHome();
  const changed = new Emitter((error) => assert.fail(String(error)));
  let state: ClusterSnapshot;
  beforeEach(() => {
    state = snapshotWith();
    folder = undefined;
  });

  async function cluster(program = runs): Promise<ClusterFolder> {
    folder = await clusterIn(home(), {}, program);
    return folder;
  }

  async function serve(of: ClusterFolder, ...routes: Route[]): Promise<KeeperServer> {
    const served = [route(calls.clusterState, async () => state), ...routes];
    const server = new KeeperServer(
      { routes: served, snapshot: () => state, onDidChange: changed.event },
      logLines().log,
    );
    open.push(server);
    await server.listen(await socketPath(of.path));
    return server;
  }

  async function connect(of: ClusterFolder): Promise<KeeperClient> {
    const client = await KeeperClient.connect(of, (error) => assert.fail(String(error)));
    open.push(client);
    return client;
  }

  const soon = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
    until(condition, { timeoutMs: 60_000, everyMs: 10, what });

  describe('connecting', () => {
    it('starts the keeper of a cluster that has none, with the code of its birth, and waits until it answers', async () => {
      const of = await cluster();
      const connecting = connect(of);
      await soon('The keeper', async () => (await readFile(join(of.keeper, 'log'), 'utf8').catch(() => '')) !== '');
      assert.equal(await readFile(join(of.keeper, 'log'), 'utf8'), `up keeper --folder ${of.path}\n`);
      await serve(of);
      const client = await connecting;
      assert.deepEqual(await client.call(calls.clusterState, {}), state);
    });

    it('is the same keeper for all windows, also for two that open at once', async () => {
      const of = await cluster();
      await serve(of);
      await Promise.all([connect(of), connect(of)]);
      const kept = await keptOf(of.keeper);
      await connect(of);
      assert.deepEqual(await keptOf(of.keeper), kept);
    });

    it('fails with the last words of a keeper that ends at once, and tells where its log is', async () => {
      const of = await cluster(`console.error('first'); console.error('sitespan: the journal is damaged');`);
      await assert.rejects(connect(of), {
        code: 'keeper-start-failed',
        message: `The keeper of ${of.path} did not start: the journal is damaged; its log is ${join(of.keeper, 'log')}.`,
      });
    });
  });

  describe('calling', () => {
    it("rejects with the keeper's own error: code, sentence and remedy", async () => {
      const of = await cluster();
      const remedy = { command: 'sitespan.list', label: 'Show pools' };
      await serve(
        of,
        route(calls.scalePool, async ({ pool }) => {
          throw new SitespanError('pool-unknown', `There is no pool ${pool}.`, { remedy });
        }),
      );
      const client = await connect(of);
      await assert.rejects(client.call(calls.scalePool, { pool: 'main', workers: 1 }), (error) => {
        assert.ok(SitespanError.is(error, 'pool-unknown'));
        assert.equal(error.message, 'There is no pool main.');
        assert.deepEqual(error.details.remedy, remedy);
        return true;
      });
    });

    it('says what the keeper found wrong with a request', async () => {
      const of = await cluster();
      await serve(
        of,
        route(calls.scalePool, async () => ({})),
      );
      const client = await connect(of);
      await assert.rejects(client.call(calls.scalePool, { pool: 'main', workers: -1 }), {
        code: 'bad-request',
        message: /workers/,
      });
    });

    it('says so when the keeper is of another version', async () => {
      const of = await cluster();
      await serve(of, { path: calls.schedulerCode.path, handle: async () => ({ address: 'http://127.0.0.1' }) });
      const client = await connect(of);
      await assert.rejects(client.call(calls.schedulerCode, {}), { code: 'keeper-answer' });
      await assert.rejects(client.call(calls.listLives, {}), { code: 'call-unknown' });
    });

    it('fails at once when nobody answers', async () => {
      const of = await cluster();
      const server = await serve(of);
      const client = await connect(of);
      server.dispose();
      await assert.rejects(client.call(calls.clusterState, {}), { code: 'keeper-unreachable' });
    });

    it('can be given up', async () => {
      const of = await cluster();
      await serve(
        of,
        route(calls.closeCluster, () => new Promise(() => undefined)),
      );
      const client = await connect(of);
      const stop = new AbortController();
      const stopped = new SitespanError('stopped', 'Stopped.');
      const calling = client.call(calls.closeCluster, {}, stop.signal);
      stop.abort(stopped);
      await assert.rejects(calling, stopped);
    });
  });

  describe('watching', () => {
    it('knows nothing before, and then each new state', async () => {
      const of = await cluster();
      await serve(of);
      const client = await connect(of);
      assert.deepEqual([client.snapshot], [undefined]);
      let changes = 0;
      client.onDidChange(() => changes++);
      client.watch();
      await soon('The first state', () => changes === 1);
      assert.deepEqual(client.snapshot, state);
      state = snapshotWith({ phase: 'closing' });
      changed.fire();
      await soon('The second state', () => changes === 2);
      assert.equal(client.snapshot?.phase, 'closing');
    });

    it('keeps the last state while the keeper is away, and follows the next keeper', async () => {
      const of = await cluster();
      const first = await serve(of);
      const client = await connect(of);
      client.watch();
      await soon('The first state', () => client.snapshot !== undefined);
      first.dispose();
      await assert.rejects(client.call(calls.clusterState, {}), { code: 'keeper-unreachable' });
      assert.equal(client.snapshot?.phase, 'working');
      state = snapshotWith({ relay: { address: '127.0.0.1:8790', restarts: 7 } });
      await serve(of);
      await soon("The next keeper's state", () => client.snapshot?.relay.restarts === 7);
    });

    it('says that the keeper is away, and that it is back', async () => {
      const of = await cluster();
      const first = await serve(of);
      const client = await connect(of);
      client.watch();
      await soon('The first state', () => client.snapshot !== undefined);
      assert.equal(client.isAway, false);
      let told = 0;
      client.onDidChange(() => told++);
      first.dispose();
      await soon('Its going', () => client.isAway);
      assert.equal(told, 1);
      await serve(of);
      await soon('Its return', () => !client.isAway);
    });

    it('does not take a state that it does not understand, and says so', async () => {
      const of = await cluster();
      const server = await serve(of);
      const client = await connect(of);
      client.watch();
      await soon('The first state', () => client.snapshot !== undefined);
      const before = state;
      state = { ...before, name: JSON.parse('7') };
      server.sendNow();
      await soon('The trouble', () => client.trouble?.code === 'keeper-answer');
      assert.deepEqual(client.snapshot, before);
      state = { ...before, phase: 'closing' };
      server.sendNow();
      await soon('The next state', () => client.trouble === undefined);
      assert.deepEqual(client.snapshot, state);
    });

    it('is over when it is disposed', async () => {
      const of = await cluster();
      await serve(of);
      const client = await connect(of);
      client.watch();
      await soon('The first state', () => client.snapshot !== undefined);
      client.onDidChange(() => assert.fail('it was told'));
      client.dispose();
      changed.fire();
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
  });

  it('of somebody who looks starts the keeper again when its watchdog was killed, too', async () => {
    const of = await cluster();
    await serve(of);
    const client = await connect(of);
    client.watch();
    await soon('The first state', () => client.snapshot !== undefined);
    const first = await keptOf(of.keeper);
    assert.ok(first);
    const [served] = open;
    process.kill(-first.mark.pid, 'SIGKILL');
    served?.dispose();
    await soon('The next keeper', async () => {
      const next = await adoptKept(of.keeper);
      return next !== undefined && next.mark.pid !== first.mark.pid;
    });
    assert.equal(await client.hasEnded(), false);
  });

  it('knows a cluster that has ended, though its keeper was killed after its last word', async () => {
    const of = await cluster();
    await serve(of);
    const client = await connect(of);
    await writeFile(of.journal, `${JSON.stringify({ is: 'closed', at: 1 })}\n`);
    assert.equal(await client.hasEnded(), false);
    const kept = await keptOf(of.keeper);
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGKILL');
    await soon('The end', () => client.hasEnded());
  });

  it('knows a cluster that has ended from one whose keeper was killed', async () => {
    const of = await cluster(`process.on('SIGUSR1', () => process.exit(0)); console.error(process.pid); ${runs}`);
    await serve(of);
    const client = await connect(of);
    assert.equal(await client.hasEnded(), false);
    let pid = 0;
    await soon('The keeper', async () => {
      pid = Number(/^\d+/.exec(await readFile(join(of.keeper, 'log'), 'utf8'))?.[0]);
      return pid > 0;
    });
    process.kill(pid, 'SIGUSR1');
    await soon('The end', () => client.hasEnded());
  });
});
