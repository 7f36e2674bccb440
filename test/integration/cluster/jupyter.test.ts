import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerConnection } from '@jupyterlab/services';
import { request } from 'undici';
import { until } from '../../../src/base/waiting.js';
import { calls, type JupyterAddress } from '../../../src/keeper/api.js';
import { ClusterRig, Home, processesOf } from '../../rigs/cluster/clusterRig.js';
import { FrontEnd, printed } from '../../rigs/jupyter/frontEnd.js';
import { prefixWithout } from '../environment/prefixes.js';

/** Prints the sum, and on how many workers it was made. */
const work = `
import os
from dask.distributed import Client, get_worker

client = Client()

def where(x):
    import time
    time.sleep(0.05)
    return x, get_worker().name

done = client.gather(client.map(where, range(40), pure=False))
print(sum(x for x, _ in done), sorted({name.split("-")[0] for _, name in done}), len({name for _, name in done}))
`;

const open = `
c.ServerApp.ip = '0.0.0.0'
c.ServerApp.allow_remote_access = True
c.ServerApp.terminals_enabled = True
c.IdentityProvider.token = ''
c.PasswordIdentityProvider.hashed_password = ''
`;

describe('a cluster as a Jupyter server', () => {
  let home: Home;
  let rig: ClusterRig;
  let frontEnd: FrontEnd | undefined;
  /** The user's home, where Jupyter has been told to let everybody in. */
  let user: string;

  before(async () => {
    home = await Home.make();
    user = join(home.folder, 'user');
    await mkdir(join(user, 'analysis'), { recursive: true });
    await mkdir(join(user, '.jupyter'));
    await writeFile(join(user, '.jupyter', 'jupyter_server_config.py'), open);
    process.env['HOME'] = user;
    process.env['JUPYTER_TOKEN'] = '';
    rig = await ClusterRig.make({ name: 'TTbar' });
    await rig.addPool(2);
  });
  after(async () => {
    frontEnd?.dispose();
    await rig?.close();
    await home?.remove();
    delete process.env['JUPYTER_TOKEN'];
  });

  /** Asks of the server as a stranger, or with a token. */
  const status = async ({ url }: JupyterAddress, path: string, token?: string): Promise<number> => {
    const headers = token === undefined ? {} : { authorization: `token ${token}` };
    const answer = await request(new URL(path, url), { headers });
    await answer.body.dump();
    return answer.statusCode;
  };

  it('has kernels whose Client() computes on its workers', async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    assert.match(address.version, /^\d+\.\d+/);
    const { port } = new URL(address.url);
    const { jupyter } = await rig.when((snapshot) => snapshot.jupyter !== undefined);
    assert.equal(jupyter?.port, Number(port));
    frontEnd = new FrontEnd(address);
    const kernel = await frontEnd.start();
    assert.equal(kernel.name, 'sitespan-ttbar');
    assert.equal(await printed(kernel, work), "780 ['main'] 2\n");
    const second = await frontEnd.start();
    assert.equal(await printed(second, 'from dask.distributed import Client; print(len(Client().nthreads()))'), '2\n');
    await second.shutdown();
  });

  it('is the same for whoever asks again', async () => {
    const [one, two] = await Promise.all([
      rig.client.call(calls.startJupyter, {}),
      rig.client.call(calls.startJupyter, {}),
    ]);
    assert.deepEqual(one, two);
    assert.equal((await frontEnd?.running())?.length, 1);
  });

  it('lets nobody in without its token', async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    const wrong = createHash('sha256').update(address.token).digest('base64url');
    for (const path of ['api/kernels', 'api/kernelspecs', 'api/sessions', 'api/contents', 'api/status', 'metrics']) {
      assert.equal(await status(address, path), 403, path);
      assert.equal(await status(address, path, wrong), 403, path);
      assert.equal(await status(address, path, address.token), 200, path);
    }
    assert.equal(await status(address, 'api/terminals', address.token), 404, 'there are no terminals');
    const stranger = new FrontEnd({ ...address, token: wrong });
    await assert.rejects(
      stranger.start(),
      (error) => error instanceof ServerConnection.ResponseError && error.response.status === 403,
    );
    stranger.dispose();
  });

  it("works where the notebook is, when it is below the user's home", async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    const other = new FrontEnd(address);
    try {
      const kernel = await other.startFor('analysis/notebook.ipynb', 'sitespan-ttbar');
      assert.equal(await printed(kernel, 'import os; print(os.getcwd())'), `${join(user, 'analysis')}\n`);
      await kernel.shutdown();
    } finally {
      other.dispose();
    }
  });

  it('goes on with its kernels when the keeper is killed', async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    const kernel = await frontEnd?.start();
    assert.ok(kernel);
    await printed(kernel, 'remembered = 42');
    await rig.kill('keeper');
    assert.equal(await printed(kernel, 'print(remembered)'), '42\n');
    rig.client.dispose();
    rig = await ClusterRig.attach('TTbar');
    assert.deepEqual(await rig.client.call(calls.startJupyter, {}), address);
    assert.equal(await printed(kernel, work), "780 ['main'] 2\n");
  });

  it('is started again when it dies, with another token', async () => {
    const address = await rig.client.call(calls.startJupyter, {});
    const port = Number(new URL(address.url).port);
    await rig.kill('jupyter');
    frontEnd?.dispose();
    await rig.when(({ jupyter }) => jupyter !== undefined && jupyter.port !== port);
    const next = await rig.client.call(calls.startJupyter, {});
    assert.notEqual(next.token, address.token);
    assert.equal(await status(next, 'api/kernels', address.token), 403);
    frontEnd = new FrontEnd(next);
    assert.equal(await printed(await frontEnd.start(), work), "780 ['main'] 2\n");
  });

  it('writes its token into no file but one', async () => {
    const { token } = await rig.client.call(calls.startJupyter, {});
    const { path } = rig.client.folder;
    const holding: string[] = [];
    for (const entry of await readdir(join(path, 'jupyter'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      if ((await readFile(file, 'utf8')).includes(token)) holding.push(file);
    }
    assert.deepEqual(holding, [join(path, 'jupyter', 'token')]);
  });

  it('ends with the cluster, and leaves no process and no secret', async () => {
    const { path } = rig.client.folder;
    assert.notDeepEqual(processesOf(join(path, 'jupyter')), []);
    await rig.close();
    await until(() => processesOf(home.folder).length === 0, {
      timeoutMs: 20_000,
      what: 'The end of the kernels',
    });
    const left = await readdir(join(path, 'jupyter'));
    assert.ok(!left.includes('token') && !left.includes('identity.json'), left.join());
  });

  it('is a sentence where the environment has no Jupyter server', async () => {
    const prefix = await prefixWithout(join(home.folder, 'without'), /^jupyter_server/);
    rig = await ClusterRig.make({ name: 'bare', python: join(prefix, 'bin', 'python') });
    await assert.rejects(rig.client.call(calls.startJupyter, {}), {
      code: 'jupyter-missing',
      message: /^The cluster bare .* has no jupyter_server; .*pip install jupyter_server/,
    });
    assert.ok(!(await readdir(rig.client.folder.path)).includes('jupyter'), 'nothing was begun');
    await rig.close();
  });
});
