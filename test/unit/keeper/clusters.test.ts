import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { endKept, startKept } from '../../../src/base/child/kept.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { forgetSecrets } from '../../../src/keeper/clusterSecrets.js';
import { findCluster, listClusters } from '../../../src/keeper/clusters.js';
import { describedStandIn } from './describedStandIn.js';
import { bundleIn, clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';

const end = (folder: ClusterFolder): Promise<void> =>
  appendFile(
    folder.journal,
    '{"is":"closing","at":1,"code":"asked","why":"its owner closed it"}\n{"is":"closed","at":2}\n',
  );
const names = async (): Promise<string[]> => (await listClusters()).map(({ path }) => basename(path));
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('clusters', () => {
  const home = scratchHome();
  const create = (name: string, wish: Parameters<typeof clusterIn>[1] = {}) => clusterIn(home(), { name, ...wish });

  it('are made with a CA, a user key and the code of their birth, none of which others can read', async () => {
    const bundle = await bundleIn(home(), 'the program');
    await writeFile(join(bundle, 'cli.mjs.map'), 'not run');
    const folder = await clusterIn(home(), { bundle });
    assert.deepEqual(await filesOf(folder.path), [
      'bundle/cli.mjs',
      'bundle/python/sitespan/__init__.py',
      'bundle/sitespan-1-py3-none-any.whl',
      'ca.key',
      'ca.pem',
      'cluster.json',
      'user.key',
    ]);
    assert.equal((await stat(folder.path)).mode & 0o777, 0o700);
    for (const path of [folder.caKey, folder.userKey]) assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(await readFile(folder.userKey, 'utf8'), /^[0-9a-f]{64}$/);
    const pem = { cert: await readFile(folder.caCertificate, 'utf8'), key: await readFile(folder.caKey, 'utf8') };
    assert.match(ClusterAuthority.load(pem).issue('worker', 'main-1', 0).cert, /^-----BEGIN CERTIFICATE-----/);
  });

  it('are another cluster each time, with other secrets, whatever their names', async () => {
    const [a, b] = [await create('a'), await create('b')];
    const [one, other] = [await a.readSettings(), await b.readSettings()];
    assert.match(one.id, /^a-[0-9a-f]{6}$/);
    assert.match(other.id, /^b-[0-9a-f]{6}$/);
    assert.notEqual(await readFile(a.userKey, 'utf8'), await readFile(b.userKey, 'utf8'));
    assert.notEqual(await readFile(a.caKey, 'utf8'), await readFile(b.caKey, 'utf8'));
  });

  it('are listed by name, and found by it', async () => {
    assert.deepEqual(await names(), []);
    await create('ttbar');
    await create('dijet_2');
    assert.deepEqual(await names(), ['dijet_2', 'ttbar']);
    assert.equal((await (await findCluster('ttbar')).readSettings()).name, 'ttbar');
  });

  it('are at a relay that others run, where that is wished, under the key shared with it', async () => {
    const address = { host: 'relay.example.org', port: 443, serverName: 'relay.example.org' };
    const userKey = 'ab'.repeat(32);
    const folder = await create('far', { relay: { kind: 'other', address }, tenant: 'ada', userKey });
    const { relay, tenant } = await folder.readSettings();
    assert.deepEqual([relay, tenant], [{ kind: 'other', address }, 'ada']);
    assert.equal(await readFile(folder.userKey, 'utf8'), userKey);
  });

  for (const name of ['', '.', '..', '../x', 'a/b', '-x', '_x', 'a b', 'ä', 'x'.repeat(41), '.ended', 'a\n']) {
    it(`cannot be named ${JSON.stringify(name)}`, async () => {
      await assert.rejects(create(name), { code: 'name-invalid' });
      await assert.rejects(findCluster(name), { code: 'name-invalid' });
    });
  }

  it('cannot have the name of one that is there, which is left as it was', async () => {
    const folder = await create('ttbar');
    const before = await folder.readSettings();
    await assert.rejects(create('ttbar'), { code: 'cluster-exists', message: /sitespan down ttbar/ });
    assert.deepEqual(await folder.readSettings(), before);
    assert.deepEqual(await readdir(dirname(folder.path)), ['ttbar']);
  });

  it('made twice at once are one: the other is told that it exists', async () => {
    const results = await Promise.allSettled([create('ttbar'), create('ttbar')]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    assert.equal(refused?.reason.code, 'cluster-exists');
    assert.deepEqual(await names(), ['ttbar']);
  });

  it('made twice at once in the place of one that has ended are one new cluster', async () => {
    const old = await create('ttbar');
    const { id } = await old.readSettings();
    await end(old);
    const results = await Promise.allSettled([create('ttbar'), create('ttbar')]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual(await readdir(join(dirname(old.path), '.ended')), [id]);
    assert.deepEqual(await names(), ['ttbar']);
  });

  it('need an interpreter that is there, by path or in PATH', async () => {
    await assert.rejects(create('a', { python: '/no/such/python' }), { code: 'python-missing' });
    await assert.rejects(create('a', { python: 'no-such-python' }), { code: 'python-missing' });
    const python = await describedStandIn(join(home(), 'described-python'));
    const before = process.env['PATH'];
    process.env['PATH'] = `/no/such/folder:${home()}:${before}`;
    try {
      const folder = await create('a', { python: 'described-python' });
      assert.equal((await folder.readSettings()).python, python);
    } finally {
      process.env['PATH'] = before;
    }
    assert.deepEqual(await names(), ['a']);
  });

  it('know their interpreter by its whole path, where it was given from the folder one is in', async () => {
    const python = join(home(), 'env', 'bin', 'python');
    await mkdir(dirname(python), { recursive: true });
    await describedStandIn(python);
    const before = process.cwd();
    process.chdir(home());
    try {
      const folder = await create('a', { python: 'env/bin/python' });
      assert.equal((await folder.readSettings()).python, python);
    } finally {
      process.chdir(before);
    }
  });

  it('leave nothing behind when they could not be made', async () => {
    await assert.rejects(create('a', { bundle: join(home(), 'no-bundle') }), { code: 'ENOENT' });
    assert.deepEqual(await names(), []);
    assert.deepEqual(await readdir(dirname((await create('b')).path)), ['b']);
  });

  describe('that have ended', () => {
    it('are not listed nor found', async () => {
      await end(await create('ttbar'));
      assert.deepEqual(await names(), []);
      await assert.rejects(findCluster('ttbar'), { code: 'cluster-unknown', message: /has ended/ });
    });

    it('make room for a new one of their name, and their logs stay', async () => {
      const old = await create('ttbar');
      const { id } = await old.readSettings();
      await mkdir(old.keeper);
      await writeFile(join(old.keeper, 'log'), 'what it said');
      await end(old);
      const folder = await create('ttbar');
      assert.notEqual((await folder.readSettings()).id, id);
      assert.equal(await readFile(join(dirname(folder.path), '.ended', id, 'keeper', 'log'), 'utf8'), 'what it said');
    });

    it('are kept ten at most, the newest', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 13; n++) {
        const folder = await create('ttbar');
        ids.push((await folder.readSettings()).id);
        await end(folder);
      }
      const last = await create('ttbar');
      assert.deepEqual((await readdir(join(dirname(last.path), '.ended'))).sort(), ids.slice(3).sort());
    });

    it('keep their name while their keeper is still about it', async () => {
      const folder = await create('ttbar');
      await end(folder);
      const child = { command: process.execPath, args: ['-e', 'setInterval(() => 0, 1000)'] };
      await startKept({ ...child, folder: folder.keeper, env: {}, cwd: home(), logLimitBytes: 1000 });
      try {
        assert.deepEqual(await names(), ['ttbar']);
        await assert.rejects(create('ttbar'), { code: 'cluster-exists' });
      } finally {
        await endKept(folder.keeper, { graceMs: 0 });
      }
      assert.deepEqual(await names(), []);
    });

    it('hold no secret any more, and all of their logs', async () => {
      const folder = await create('ttbar');
      const secrets = [
        join(folder.relay, 'tenants.json'),
        join(folder.relay, 'key.pem'),
        join(folder.scheduler, 'identity.json'),
        join(folder.scheduler, 'token'),
        join(folder.kernel('k1'), 'identity.json'),
        join(folder.payload, 'm1', 'join.json'),
      ];
      const logs = [folder.relay, folder.scheduler, folder.kernel('k1')].map((path) => join(path, 'log'));
      for (const path of [...secrets, ...logs]) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, 'x');
      }
      await forgetSecrets(folder);
      for (const path of [...secrets, folder.caKey, folder.userKey]) assert.equal(await exists(path), false, path);
      for (const path of [...logs, folder.settings]) assert.equal(await exists(path), true, path);
    });

    it('have no secret to lose where little of them was ever started', async () => {
      const folder = await create('ttbar');
      await forgetSecrets(folder);
      await forgetSecrets(folder);
      assert.equal(await exists(folder.caKey), false);
    });
  });
});
