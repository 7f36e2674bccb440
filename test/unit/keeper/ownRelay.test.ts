import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endKept, exitOf, keptOf } from '../../../src/base/child/kept.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { newUserKey, OwnRelay } from '../../../src/keeper/ownRelay.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { fakeRelay } from './fakeRelay.js';

describe('OwnRelay', () => {
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(() => endKept(folder(), { graceMs: 0 }));
  const scratch = scratchFolder();
  const folder = (): string => join(scratch(), 'relay');
  const authority = ClusterAuthority.create();
  const userKey = newUserKey();

  async function relay(source = fakeRelay): Promise<OwnRelay> {
    const program = join(scratch(), 'cli.mjs');
    await writeFile(program, source);
    return new OwnRelay({ folder: folder(), program, host: '127.0.0.1', tenant: 'me', userKey, authority });
  }
  const kill = async (): Promise<void> => {
    const kept = await keptOf(folder());
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGKILL');
    await until(async () => (await exitOf(folder())) !== undefined, { timeoutMs: 5000, what: "The relay's end" });
  };
  const file = (name: string): Promise<string> => readFile(join(folder(), name), 'utf8');

  it('is at the port that it got, under a name that its certificate has, signed by the cluster', async () => {
    const address = await (await relay()).start(0);
    assert.match(await file('log'), new RegExp(`^sitespan relay listening on 127\\.0\\.0\\.1:${address.port}$`, 'm'));
    assert.equal(address.host, '127.0.0.1');
    assert.equal(address.ca, authority.pem.cert);
    const certificate = new X509Certificate(await file('cert.pem'));
    assert.equal(certificate.checkHost(address.serverName), address.serverName);
    assert.ok(certificate.verify(new X509Certificate(authority.pem.cert).publicKey));
  });

  it('serves its own tenant, and shows its secrets to nobody', async () => {
    await (await relay()).start(0);
    assert.deepEqual(JSON.parse(await file('tenants.json')), { tenants: { me: userKey } });
    for (const name of ['tenants.json', 'key.pem', 'log']) {
      assert.equal((await stat(join(folder(), name))).mode & 0o777, 0o600, name);
    }
    const shown = await file('started.json');
    for (const secret of [userKey, 'PRIVATE KEY']) assert.equal(shown.includes(secret), false);
  });

  it('goes on when its keeper is killed, and is taken over by the next', async () => {
    const first = await (await relay()).start(0);
    const kept = await keptOf(folder());
    const next = await relay();
    assert.deepEqual(await next.start(first.port), first);
    assert.deepEqual(await keptOf(folder()), kept);
    assert.equal(next.restarts, 0);
    assert.equal(await next.mend(), false);
  });

  it('is started anew for a keeper whose predecessor was killed before it had noted the port', async () => {
    const first = await (await relay()).start(0);
    const next = await (await relay()).start(0);
    assert.ok(next.port > 0);
    const listening = [...(await file('log')).matchAll(/listening on .*:(\d+)$/gm)].map((match) => Number(match[1]));
    assert.deepEqual(listening, [first.port, next.port]);
  });

  it('is mended on the same port when it has died, and counts that', async () => {
    const one = await relay();
    const { port } = await one.start(0);
    assert.equal(await one.mend(), false);
    await kill();
    assert.equal(await one.mend(), true);
    assert.equal(one.restarts, 1);
    assert.equal((await file('log')).split(`listening on 127.0.0.1:${port}\n`).length, 3);
    assert.equal(await one.mend(), false);
  });

  it('is started on its old port by the next keeper when it died without one', async () => {
    const { port } = await (await relay()).start(0);
    await kill();
    assert.equal((await (await relay()).start(port)).port, port);
  });

  it('says why it did not start, in its own last words', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    try {
      await once(taken, 'listening');
      const address = taken.address();
      assert.ok(typeof address === 'object' && address !== null);
      await assert.rejects((await relay()).start(address.port), {
        code: 'relay-start-failed',
        message: new RegExp(`of this computer: listen EADDRINUSE.*:${address.port}; its log is ${folder()}/log`),
      });
    } finally {
      taken.close();
    }
  });

  it('has a new key for each user who has none', () => {
    assert.match(userKey, /^[0-9a-f]{64}$/);
    assert.notEqual(newUserKey(), userKey);
  });
});
