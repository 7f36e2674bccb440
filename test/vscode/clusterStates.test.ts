import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { until } from '../../src/base/waiting.js';
import { type StateId, stateOf } from '../../src/editor/states.js';
import { calls } from '../../src/keeper/api.js';
import { Relay } from '../../src/relay/relay.js';
import { makeCertificate, serverName, tenant, userKey } from '../integration/relay/rig.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { OldRelease } from '../rigs/cluster/oldRelease.js';
import { LoginNode } from '../rigs/nodes/loginNode.js';
import { writeNotebook } from '../rigs/terminal/notebooks.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

const longMs = 120_000;
const tones = { plain: '', waiting: 'Waiting: ', warning: 'Warning: ', error: 'Error: ' };

/** A relay that others run, which the test stops, and which can forget whom it knows. */
class OtherRelay {
  readonly certificate = makeCertificate();
  private relay: Relay | undefined;
  private port = 0;

  async start(knows: boolean): Promise<number> {
    const { cert, key } = this.certificate;
    this.relay = await Relay.listen('127.0.0.1', this.port, {
      ...{ cert, key, log: () => undefined },
      tenants: { userKey: async (name) => (knows && name === tenant ? userKey : undefined) },
    });
    this.port = this.relay.port;
    return this.port;
  }

  async stop(): Promise<void> {
    await this.relay?.close();
    this.relay = undefined;
  }
}

/** Clusters that something happens to, each in every face that shows it; docs/states.md. */
describe('States of a cluster that has begun', function () {
  this.timeout(240_000);
  const relay = new OtherRelay();
  let home: Home;
  let temporary: string | undefined;
  let old: OldRelease;
  let node: LoginNode;
  let code: VsCode;
  let window: VsCodeWindow;
  const rigs: ClusterRig[] = [];

  async function make(wish: Parameters<typeof ClusterRig.make>[0]): Promise<ClusterRig> {
    const rig = await ClusterRig.make(wish);
    rigs.push(rig);
    return rig;
  }

  before(async () => {
    // The other node has a /tmp of its own, and the folders are to be seen there.
    temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = await mkdtemp('/var/tmp/sitespan-states-');
    home = await Home.make();
    old = await OldRelease.unpack('0.1.0');
    const ca = relay.certificate.cert;
    const address = { host: '127.0.0.1', port: await relay.start(true), serverName, ca };
    const work = join(home.folder, 'work');
    await mkdir(work);
    await writeNotebook(join(work, 'sum.ipynb'), { sum: '1 + 41' });
    node = await LoginNode.make(hostname(), home.folder);
    await make({ name: 'far', relay: { kind: 'other', address }, tenant, userKey });
    await make({ name: 'older', bundle: old.bundle });
    await make({ name: 'idle', limits: { idleMinutes: 0.05 } });
    await make({ name: 'failing' });
    await make({ name: 'ttbar' });
    code = await openVsCode({ home, workspace: work, size: { width: 1500, height: 2400 } });
    window = code.window;
    await window.openView('Sitespan');
  });
  after(async () => {
    try {
      await code?.close();
      await relay.stop();
      await relay.start(true);
      for (const rig of rigs) await rig.close();
    } finally {
      await relay.stop();
      relay.certificate.remove();
      await node?.dispose();
      await old?.dispose();
      await home?.remove();
      const folder = process.env['TMPDIR'];
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  });

  const rig = (name: string): ClusterRig =>
    rigs.find(({ client }) => client.folder.path.endsWith(`/${name}`)) ?? assert.fail(`no cluster ${name}`);

  /** The row of the cluster, and the row below it that says so and does what helps. */
  async function inTree(name: string, id: StateId, words: RegExp): Promise<void> {
    const { tone, action } = stateOf(id);
    await window.rowSays(new RegExp(`^${name}`), words, longMs);
    const end = action === undefined ? '$' : ` ${action.label.replace('?', '\\?')}$`;
    await window.rowSays(words, new RegExp(`^${tones[tone]}.*${end}`, 's'), longMs);
  }

  /** The page of its throughput, which brings the cluster to the status bar. */
  async function inPanelAndStatusBar(name: string, id: StateId, words: RegExp): Promise<void> {
    await window.contextMenu(window.row(new RegExp(`^${name}`)), 'Show Throughput');
    await panelSays(id, words);
    await statusBarSays(name, words);
  }

  async function panelSays(id: StateId, words: RegExp): Promise<void> {
    const page = await window.webview('#page');
    await page.getByText(words).first().waitFor({ timeout: longMs });
    const { action } = stateOf(id);
    if (action !== undefined) await page.getByRole('button', { name: action.label }).waitFor();
  }

  async function statusBarSays(name: string, words: RegExp): Promise<void> {
    const item = window.page.locator('.statusbar-item [role="button"]', { hasText: name });
    await until(async () => words.test((await item.first().getAttribute('aria-label')) ?? ''), {
      ...{ timeoutMs: longMs, everyMs: 200, what: `The status bar saying ${words}` },
    });
  }

  async function notebookSays(words: string | RegExp): Promise<void> {
    await window.page.locator('.cell-status-item', { hasText: words }).first().waitFor({ timeout: longMs });
  }

  it('say that nothing ran for long and the workers were let go, and offer to scale', async () => {
    const { client } = rig('idle');
    await client.call(calls.createPool, { name: 'main', sites: ['north'] });
    await client.call(calls.scalePool, { pool: 'main', workers: 1 });
    const words = /Nothing ran in idle for 0.05 minutes.*"Scale Workers" asks for as many again/;
    await inTree('idle', 'idle-drained', words);
    await inPanelAndStatusBar('idle', 'idle-drained', words);
  });

  it('say that the workers of a pool do not survive their start, and offer why', async () => {
    const { client } = rig('failing');
    await client.call(calls.createPool, { name: 'main', sites: ['north'], python: '/bin/false' });
    await client.call(calls.scalePool, { pool: 'main', workers: 1 });
    const words = /Pool main lost \d workers before they worked/;
    await rig('failing').when(({ problems }) => problems.some(({ code }) => code === 'pool-stopped'));
    await inTree('failing', 'pool-failing', words);
    await inPanelAndStatusBar('failing', 'pool-failing', words);
  });

  it('say that a relay cannot be reached, and that it knows us no more, until it does', async () => {
    await window.rowSays(/^far/, /^Cluster far, 0\/0 workers$/, longMs);
    await relay.stop();
    await inTree('far', 'relay-unreachable', /cannot reach the relay at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
    await inPanelAndStatusBar('far', 'relay-unreachable', /cannot reach the relay at 127\.0\.0\.1/);
    await relay.start(false);
    await inTree('far', 'relay-unreachable', /The relay at 127\.0\.0\.1:\d+ does not know us/);
    await panelSays('relay-unreachable', /does not know us/);
    await statusBarSays('far', /does not know us/);
    await window.screenshot('states of clusters');
    await relay.stop();
    await relay.start(true);
    await window.rowSays(/^far/, /^Cluster far, 0\/0 workers$/, longMs);
  });

  it('say of a cluster of an older version what it does not know, where that is asked', async () => {
    await window.rowSays(/^older/, /^Cluster older, 0\/0 workers$/, longMs);
    await window.rowSays(/does not know POST \/v1\/site\/list/, /it is older than what calls it/, longMs);
    await window.contextMenu(window.row(/^older/), 'Show Throughput');
    await panelSays('cluster-older', /does not know POST .*it is older than what calls it/);
  });

  it('say of a cluster that runs elsewhere that it is to be used there', async () => {
    await node.ask('makeCluster', ['other'], { XDG_STATE_HOME: process.env['XDG_STATE_HOME'] ?? '' });
    await inTree('other', 'cluster-elsewhere', /other runs in another container or on another computer/);
  });

  it('say in the notebook that its kernel has ended, and offer to restart it', async () => {
    await window.openFile('sum.ipynb');
    await window.notebook.kernelLabel.waitFor();
    await window.notebook.pickKernel('ttbar');
    await window.notebook.runAll();
    await notebookSays('Connected to ttbar, no worker yet');
    // The notebook in front is what the status bar is about.
    await window.statusBarItem('ttbar 0/0').first().waitFor();
    const [kernel] = (await rig('ttbar').when(({ kernels }) => kernels[0]?.phase === 'idle')).kernels;
    await rig('ttbar').kill('kernels', kernel?.id ?? '');
    await notebookSays(`ttbar: ${stateOf('kernel-dead').sentence}`);
    await inTree('ttbar', 'kernel-dead', /kernel .*(ended|killed)/i);
  });

  it('say in the notebook that its keeper is away, and that it is back', async () => {
    await rig('ttbar').kill('keeper');
    await notebookSays(`ttbar: ${stateOf('keeper-gone').sentence}`);
    await notebookSays(`ttbar: ${stateOf('kernel-dead').sentence}`);
  });

  it('say in notebook, page and status bar that its scheduler has gone, and start it again from there', async () => {
    await window.contextMenu(window.row(/^ttbar/), 'Show Throughput');
    await (await window.webview('#page')).getByText('Nothing has been processed').waitFor();
    await rig('ttbar').kill('scheduler');
    await inTree('ttbar', 'scheduler-gone', /The scheduler on this computer was killed/);
    await panelSays('scheduler-gone', /The scheduler on this computer was killed|What it did was kept/);
    await window.openFile('sum.ipynb');
    await notebookSays(`ttbar: ${stateOf('scheduler-gone').sentence}`);
    await statusBarSays('ttbar', /The scheduler on this computer was killed/);
    await window.page.locator('.cell-status-item', { hasText: 'ttbar: ' }).first().click();
    await notebookSays('Connected to ttbar, no worker yet');
    rigs.push(await ClusterRig.attach('ttbar'));
  });
});
