import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { calls } from '../../../src/keeper/api.js';
import { ClusterRig, Home } from '../../rigs/cluster/clusterRig.js';
import { LoginNode } from '../../rigs/nodes/loginNode.js';

describe('the folder of sockets', () => {
  let home: string;
  let node: LoginNode;

  beforeEach(async () => {
    home = await mkdtemp('/var/tmp/sitespan-home-');
    node = await LoginNode.make('node', home);
  });
  afterEach(async () => {
    await node.dispose();
    await rm(home, { recursive: true, force: true });
  });

  const prepare = async (program: string): Promise<void> => {
    const done = await node.run(['sh', '-ec', program]);
    assert.equal(done.exitCode, 0, done.stderr);
  };
  const folder = (XDG_RUNTIME_DIR?: string, more: Readonly<Record<string, string>> = {}) =>
    node.ask('runtimeFolder', [], { ...(XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR }), ...more });

  it("is the user's own in /tmp where XDG_RUNTIME_DIR is another's, open to all, read-only, a file, or too long", async () => {
    await prepare(`
cd /tmp
mkdir theirs open readonly
chown 12345 theirs
chmod 0777 open
mount -t tmpfs -o ro,mode=0700 tmpfs readonly
echo >file`);
    const own = `/tmp/sitespan-${process.getuid?.()}`;
    for (const given of [
      '/tmp/theirs',
      '/tmp/open',
      '/tmp/readonly',
      '/tmp/file',
      `/tmp/${'x'.repeat(90)}`,
      'relative',
    ]) {
      assert.deepEqual(await folder(given), { folder: own }, given);
    }
  });

  it('is beside the state where /tmp holds a trap', async () => {
    const beside = join(home, '.local', 'state', 'sitespan', 'node', '.run');
    await prepare(`mkdir /tmp/sitespan-0 && chown 12345 /tmp/sitespan-0`);
    assert.deepEqual(await folder(), { folder: beside });
    await prepare(`rmdir /tmp/sitespan-0 && mkdir /tmp/elsewhere && ln -s elsewhere /tmp/sitespan-0`);
    assert.deepEqual(await folder(), { folder: beside });
    const said = await folder(undefined, { XDG_STATE_HOME: join(home, 'x'.repeat(90)) });
    assert.match(
      JSON.stringify(said),
      /"runtime-folder-unusable".*set XDG_RUNTIME_DIR to a short path.*sitespan-0 is not a folder.*107/,
    );
  });
});

describe('a cluster whose sockets are removed, as when its user logs out', () => {
  let home: Home;
  let rig: ClusterRig | undefined;

  before(async () => {
    home = await Home.make();
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
  });

  it('is reached again, from another environment too, and so is its kernel', async () => {
    rig = await ClusterRig.make();
    const { client } = rig;
    const kernel = await client.call(calls.startKernel, { cwd: home.folder });
    await rig.when(({ kernels }) => kernels[0]?.phase === 'idle');
    const run = join(home.folder, 'run');
    await rm(run, { recursive: true });
    await until(
      () =>
        client.call(calls.clusterState, {}).then(
          () => true,
          () => false,
        ),
      {
        timeoutMs: 60_000,
        what: 'The keeper at its place again',
      },
    );
    await until(
      async () =>
        (await readdir(join(run, 'sitespan')).catch(() => [])).filter((name) => name.endsWith('.sock')).length === 2,
      {
        timeoutMs: 60_000,
        what: "The kernel's socket at its place again",
      },
    );
    process.env['XDG_RUNTIME_DIR'] = join(home.folder, 'another');
    const other = await ClusterRig.attach('test');
    await other.client.call(calls.interruptKernel, { kernel: kernel.id });
    assert.equal(await other.run('result = 6 * 7'), 42);
    other.client.dispose();
  });
});
