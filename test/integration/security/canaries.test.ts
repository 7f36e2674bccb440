import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig, Home } from '../../rigs/cluster/clusterRig.js';
import { ProcessWatch } from '../../rigs/security/processWatch.js';
import { filesBelow } from '../../rigs/security/secretFiles.js';
import { knownSecrets, leaksBelow, SecretWatch } from '../../rigs/security/secretWatch.js';

const canary = (): string => randomBytes(32).toString('hex');

describe('the watch over secrets', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sitespan-canary-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds a secret in a log, a key of whomever, and a secret file that others may read', async () => {
    const secret = canary();
    const cluster = join(folder, 'state', 'sitespan', 'host', 'one');
    await mkdir(join(cluster, 'keeper'), { recursive: true });
    await writeFile(join(cluster, 'user.key'), secret, { mode: 0o644 });
    await writeFile(join(cluster, 'keeper', 'log'), `something went wrong with ${secret}\n`);
    await writeFile(join(cluster, 'journal.jsonl'), '-----BEGIN PRIVATE KEY-----\n');
    const leaks = await new SecretWatch(folder).stop();
    assert.deepEqual(leaks.sort(), [
      `${cluster}/journal.jsonl holds a private key`,
      `${cluster}/keeper/log holds the secret of ${cluster}/user.key`,
      `${cluster}/user.key has mode 0644`,
    ]);
    knownSecrets.delete(secret);
  });

  it("finds a secret in a process's arguments and environment, also when it is known only later", async () => {
    const [argument, variable] = [canary(), canary()];
    const watch = new ProcessWatch();
    await watch.ready;
    const carrier = spawn('/bin/sh', ['-c', 'read -r _', 'sh', argument], { env: { CANARY: `x${variable}y` } });
    try {
      await once(carrier, 'spawn');
      const both = new Map([
        [argument, 'the first'],
        [variable, 'the second'],
      ]);
      await until(() => watch.leaks(both).length >= 2, { timeoutMs: 60_000, what: 'Both leaks' });
      const leaks = watch.leaks(both).join('\n');
      assert.match(leaks, /\/proc\/\d+\/cmdline of \/bin\/sh holds the secret of the first/);
      assert.match(leaks, /\/proc\/\d+\/environ of \/bin\/sh holds the secret of the second/);
    } finally {
      carrier.kill('SIGKILL');
      await watch.stop();
    }
  });
});

describe('canaries', () => {
  const names = ['SITESPAN_LOG', 'DASK_LOGGING__DISTRIBUTED', 'CANARY_PASSPHRASE'];
  let home: Home;
  let rig: ClusterRig | undefined;
  let watch: ProcessWatch;

  before(async () => {
    home = await Home.make();
    watch = new ProcessWatch();
  });
  after(async () => {
    for (const name of names) delete process.env[name];
    await rig?.close();
    await watch?.stop();
    await home?.remove();
  });

  it('in the key, the tokens and the environment of a cluster turn up nowhere, with logs at their fullest', async () => {
    const [userKey, passphrase] = [canary(), canary()];
    process.env['SITESPAN_LOG'] = 'debug';
    process.env['DASK_LOGGING__DISTRIBUTED'] = 'debug';
    process.env['CANARY_PASSPHRASE'] = passphrase;
    rig = await ClusterRig.make({ userKey });
    const { client } = rig;
    await rig.addPool(1);
    assert.equal(
      await rig.run('from dask.distributed import Client\nresult = Client().submit(sum, [1, 2]).result()'),
      3,
    );
    const token = (await readFile(join(client.folder.scheduler, 'token'), 'utf8')).trim();
    const { url } = await client.call(calls.schedulerCode, {});
    const code = new URL(url).searchParams.get('code') ?? assert.fail();
    await rig.kill('relay');
    await rig.when(({ relay }) => relay.restarts === 1);
    await assert.rejects(client.call(calls.killWorker, { worker: userKey }));
    const state = JSON.stringify([await client.call(calls.clusterState, {}), await rig.lives()]);
    for (const secret of [token, code, passphrase]) knownSecrets.set(secret, 'the test');
    const planted = new Set([token, code, passphrase]);
    for (const secret of [...planted, userKey]) assert.ok(!state.includes(secret));
    const logs = (await filesBelow(client.folder.path)).filter((path) => /\/(keeper|scheduler)\/log$/.test(path));
    assert.equal(logs.length, 2);
    await rig.close();
    rig = undefined;
    assert.deepEqual(await leaksBelow(home.folder, planted), []);
    // Who starts a cluster gives it an environment, so it is in those of the user's own processes; no farther.
    knownSecrets.delete(passphrase);
    assert.ok(watch.seen > 5);
    assert.deepEqual(watch.leaks(new Map([userKey, token, code].map((secret) => [secret, 'the test']))), []);
    assert.ok(
      [...knownSecrets.values()].some((path) => path.endsWith('/user.key')),
      'nothing was learnt',
    );
    assert.deepEqual(watch.leaks(knownSecrets), []);
  });
});
