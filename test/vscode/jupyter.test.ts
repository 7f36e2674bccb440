import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { unlessAbsent } from '../../src/base/systemError.js';
import { until } from '../../src/base/waiting.js';
import { prefixWithout } from '../integration/environment/prefixes.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { chooseServer, extensionsIn } from '../rigs/jupyter/extensions.js';
import { FrontEnd, printed } from '../rigs/jupyter/frontEnd.js';
import { writeNotebook } from '../rigs/terminal/notebooks.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';

const seen = z.object({
  id: z.string(),
  label: z.string(),
  servers: z.array(z.object({ id: z.string(), label: z.string() })),
});
const chosen = z.object({
  id: z.string(),
  url: z.string().optional(),
  token: z.string().optional(),
  error: z.string().optional(),
});

describe("Clusters in the picker of Microsoft's Jupyter extension", function () {
  this.timeout(180_000);
  let home: Home;
  /** What the stand-in notes; apart from the home, since a token is in it. */
  let notes: string;
  let cluster: ClusterRig;
  let bare: ClusterRig | undefined;
  let code: VsCode;

  before(async () => {
    home = await Home.make();
    notes = await mkdtemp(join(tmpdir(), 'sitespan-jupyter-'));
    const workspace = join(home.folder, 'work');
    await mkdir(workspace);
    await writeNotebook(join(workspace, 'first.ipynb'), { sum: '1 + 41' });
    cluster = await ClusterRig.make({ name: 'ttbar' });
    await cluster.addPool(1);
    // Both installed: of extensions under development a window takes only one.
    const installed = join(notes, 'extensions');
    await extensionsIn(installed);
    code = await openVsCode({ home, workspace, installed, env: { JUPYTER_DOUBLE: notes } });
  });
  after(async () => {
    await code?.close();
    await bare?.close();
    await cluster?.close();
    await home?.remove();
    await rm(notes, { recursive: true, force: true });
  });

  const noted = async (name: string): Promise<unknown> => {
    const text = await unlessAbsent(readFile(join(notes, name), 'utf8'));
    return text === undefined ? undefined : JSON.parse(text);
  };
  /** Waits until the stand-in has been told of just these, by the clusters' ids. */
  const offered = async (...ids: string[]): Promise<z.infer<typeof seen>> => {
    let last: unknown;
    await until(
      async () => {
        last = await noted('servers.json');
        const servers = seen.safeParse(last).data?.servers.map(({ id }) => id);
        return servers !== undefined && servers.toSorted().join() === ids.toSorted().join();
      },
      { timeoutMs: 60_000, what: `The offer of ${ids.join() || 'no cluster'}` },
    );
    return seen.parse(last);
  };
  const choose = async (label: string): Promise<z.infer<typeof chosen>> => {
    await rm(join(notes, 'chosen.json'), { force: true });
    await code.window.runCommand(chooseServer);
    await code.window.quickInput.pick(label);
    await until(async () => (await noted('chosen.json')) !== undefined, {
      timeoutMs: 60_000,
      what: 'The answer to the choice',
    });
    return chosen.parse(await noted('chosen.json'));
  };

  it('are offered from the first notebook on, each known by its id, with what it is good for', async () => {
    assert.equal(await noted('servers.json'), undefined, 'the other extension is left alone before');
    await code.window.openFile('first.ipynb');
    const { id } = await cluster.when(() => true);
    const { id: collection, label, servers } = await offered(id);
    assert.deepEqual([collection, label], ['sitespan', 'Sitespan Clusters']);
    assert.equal(servers[0]?.label, 'ttbar: variables, widgets, debugger; output while away may be lost');
    assert.equal((await cluster.when(() => true)).jupyter, undefined, 'looking starts nothing');
  });

  it('give an address whose kernels are on the cluster', async () => {
    const { url = '', token = '' } = await choose('ttbar');
    const frontEnd = new FrontEnd({ url, token });
    try {
      const source = 'from dask.distributed import Client; print(Client().submit(lambda: 6 * 7).result())';
      assert.equal(await printed(await frontEnd.start(), source), '42\n');
    } finally {
      frontEnd.dispose();
    }
  });

  it('are the same after a reload, and none is started again', async () => {
    const { id, jupyter } = await cluster.when((snapshot) => snapshot.jupyter !== undefined);
    await rm(join(notes, 'servers.json'));
    await code.reload();
    await offered(id);
    const { url } = await choose('ttbar');
    assert.equal(new URL(url ?? '').port, String(jupyter?.port));
  });

  it('say what is missing where the environment has no Jupyter server', async () => {
    const prefix = await prefixWithout(join(home.folder, 'without'), /^jupyter_server/);
    bare = await ClusterRig.make({ name: 'bare', python: join(prefix, 'bin', 'python') });
    await offered((await cluster.when(() => true)).id, (await bare.when(() => true)).id);
    const { error = '' } = await choose('bare');
    assert.match(error, /The cluster bare .* has no jupyter_server; install it there/);
    await code.window.notification(/The cluster bare .* has no jupyter_server; install it there/);
    await code.window.clearNotifications();
  });

  it('can be made from there', async () => {
    await code.window.runCommand(chooseServer);
    await code.window.quickInput.pick('New Cluster…');
    await code.window.quickInput.title.filter({ hasText: 'New Cluster' }).waitFor();
    await code.page.keyboard.press('Escape');
  });

  it('leave it when they are closed', async () => {
    const { id } = await cluster.when(() => true);
    await bare?.close();
    bare = undefined;
    await offered(id);
    await cluster.close();
    await offered();
  });
});
