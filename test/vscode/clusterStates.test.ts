import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { endKept } from '../../src/base/child/kept.js';
import type { GridSpec } from '../../src/grid/gridSpec.js';
import { calls } from '../../src/keeper/api.js';
import { secureContextOf } from '../../src/relay/certificateFiles.js';
import { Relay } from '../../src/relay/relay.js';
import { type Certificate, makeCertificate, serverName, tenant, userKey } from '../integration/relay/rig.js';
import { ClusterRig, Home, processesOf } from '../rigs/cluster/clusterRig.js';
import { OldRelease } from '../rigs/cluster/oldRelease.js';
import { LoginNode } from '../rigs/nodes/loginNode.js';
import { SmallDisk } from '../rigs/nodes/smallDisk.js';
import { writeNotebook } from '../rigs/terminal/notebooks.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import { type Expected, StateFaces } from '../rigs/vscode/stateFaces.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

/** What may be found at the address of a relay that others run. */
type AtAddress = 'the relay' | 'a relay that has forgotten us' | 'a stranger';

/** A relay that others run, which the test ends and replaces. */
class OtherRelay {
  readonly certificate = makeCertificate();
  private readonly strange = makeCertificate();
  private relay: Relay | undefined;
  private port = 0;

  async start(who: AtAddress): Promise<number> {
    const { cert, key } = who === 'a stranger' ? this.strange : this.certificate;
    const context = secureContextOf(cert, key);
    const knows = who === 'the relay';
    this.relay = await Relay.listen('127.0.0.1', this.port, {
      certificate: { secureContext: async () => context },
      log: () => undefined,
      tenants: { userKey: async (name) => (knows && name === tenant ? userKey : undefined) },
    });
    this.port = this.relay.port;
    return this.port;
  }

  async stop(): Promise<void> {
    await this.relay?.close();
    this.relay = undefined;
  }

  async replace(who: AtAddress): Promise<void> {
    await this.stop();
    await this.start(who);
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const one of [this.certificate, this.strange]) one.remove();
  }
}

/** A DIRAC that nobody runs, with a certificate in place of a proxy. */
async function gridOfNobody({ folder, cert, key }: Certificate): Promise<GridSpec> {
  const [proxy, caDirectory] = [join(folder, 'proxy'), join(folder, 'authorities')];
  await writeFile(proxy, `${cert}${key}`, { mode: 0o600 });
  await mkdir(caDirectory);
  await writeFile(join(caDirectory, '00000000.0'), cert);
  // Nothing listens there: it is none of the ports that are given out.
  const at = { url: 'https://127.0.0.1:9', services: {}, setup: 'Nowhere', vo: 'gridpp', group: 'gridpp_user' };
  return { kind: 'dirac', ...at, sites: ['LCG.Nowhere.uk'], proxy, caDirectory, pollSeconds: 1 };
}

/** Its keeper would wait for a grid that nobody runs. */
async function endAtOnce({ client }: ClusterRig): Promise<void> {
  client.dispose();
  for (const part of ['keeper', 'scheduler', 'relay']) await endKept(join(client.folder.path, part), { graceMs: 0 });
}

/** Clusters that something happens to, in one window, each in every face that the table names for it; docs/states.md. */
describe('States of a cluster that has begun', function () {
  // Each stage needs the one before.
  this.retries(0).bail(true);
  this.timeout(240_000);
  let temporary: string | undefined;
  let home: Home;
  let disk: SmallDisk;
  let relay: OtherRelay;
  let old: OldRelease;
  let node: LoginNode;
  let abroad: Promise<unknown>;
  let code: VsCode;
  let window: VsCodeWindow;
  let faces: StateFaces;
  const rigs = new Map<string, ClusterRig>();

  async function make(name: string, wish: Parameters<typeof ClusterRig.make>[0] = {}): Promise<ClusterRig> {
    const made = await ClusterRig.make({ name, ...wish });
    rigs.set(name, made);
    return made;
  }
  const rig = (name: string): ClusterRig => rigs.get(name) ?? assert.fail(`no cluster ${name}`);

  before(async () => {
    // The other node has a /tmp of its own, and the folders are to be seen there.
    temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = await mkdtemp('/var/tmp/sitespan-states-');
    home = await Home.make();
    disk = new SmallDisk(200);
    await symlink(disk.folder, join(home.folder, 'state'));
    relay = new OtherRelay();
    const { certificate } = relay;
    const address = { host: '127.0.0.1', port: await relay.start('the relay'), serverName, ca: certificate.cert };
    const gridpp = await gridOfNobody(certificate);
    const work = join(home.folder, 'work');
    await mkdir(work);
    await writeNotebook(join(work, 'sum.ipynb'), { sum: '1 + 41' });
    old = await OldRelease.unpack('0.1.0');
    node = await LoginNode.make(hostname(), home.folder);
    abroad = node.ask('makeCluster', ['abroad'], { XDG_STATE_HOME: process.env['XDG_STATE_HOME'] ?? '' });
    const drained = await make('drained', { limits: { idleMinutes: 0.05 } });
    await drained.client.call(calls.createPool, { name: 'main', sites: ['north'] });
    await drained.client.call(calls.scalePool, { pool: 'main', workers: 1 });
    const crashing = await make('crashing', { grids: { gridpp } });
    await crashing.client.call(calls.createPool, { name: 'far', grid: 'gridpp', sites: ['LCG.Nowhere.uk'] });
    await crashing.client.call(calls.scalePool, { pool: 'far', workers: 1 });
    await make('faraway', { relay: { kind: 'other', address }, tenant, userKey });
    await make('ancient', { bundle: old.bundle });
    await (await make('ttbar')).addPool(1);
    await abroad;
    code = await openVsCode({ home, workspace: work, size: { width: 1500, height: 2400 } });
    window = code.window;
    faces = new StateFaces(window);
    await window.openView('Sitespan');
    await window.openFile('sum.ipynb');
    await window.notebook.kernelLabel.waitFor();
  });
  after(async () => {
    try {
      await disk?.free();
      await code?.close();
      for (const [name, one] of rigs) await (name === 'crashing' ? endAtOnce(one) : one.close());
    } finally {
      await relay?.dispose();
      await node?.dispose();
      await old?.dispose();
      const left = disk === undefined ? [] : processesOf(disk.folder);
      for (const line of left) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      disk?.dispose();
      await home?.remove();
      const folder = process.env['TMPDIR'];
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      assert.deepEqual(left, []);
    }
  });

  it('say that nothing ran for long and the workers were let go, and offer to scale', async () => {
    const words = /Nothing ran in drained for 0.05 minutes.*"Scale Workers" asks for as many again/;
    await faces.say({ cluster: 'drained', state: 'idle-drained', words });
  });

  it('say that a grid does not answer, and offer the log', async () => {
    const words = /127\.0\.0\.1:9\b.*ECONNREFUSED|127\.0\.0\.1:9\b.*cannot be reached/;
    await window.notebook.pickKernel('crashing');
    await window.editorTab('sum.ipynb').click();
    await faces.say({ cluster: 'crashing', state: 'grid-unreachable', words });
    // Below the grid, too.
    await window.expand(/^gridpp/, /^LCG\.Nowhere\.uk/);
  });

  it('say that the workers of a pool do not survive their start, and offer why', async () => {
    const { client } = rig('crashing');
    await client.call(calls.createPool, { name: 'main', sites: ['north'], python: '/bin/false' });
    await client.call(calls.scalePool, { pool: 'main', workers: 3 });
    const words = /Pool main lost \d workers at north before they worked.*"Scale Workers"/;
    await faces.say({ cluster: 'crashing', state: 'pool-failing', words });
  });

  it('say of a cluster of an older version what it does not know, where that is asked', async () => {
    const words = /does not know POST .*it is older than what calls it/;
    await faces.rowBelow('cluster-older', /does not know POST \/v1\/site\/list/);
    await faces.inPanel({ cluster: 'ancient', state: 'cluster-older', words });
  });

  it('say of a cluster that runs elsewhere that it is to be used there', async () => {
    const words = /abroad runs in another container or on another computer/;
    const expected: Expected = { cluster: 'abroad', state: 'cluster-elsewhere', words };
    await faces.inTree(expected);
    await faces.inNotebook(expected);
    await window.editorTab('sum.ipynb').click();
    await faces.inStatusBar(expected);
    // Nothing else helps: so it shows what there is of it.
    await faces.line('abroad: ').click();
    await faces.panelSays(expected.state, expected.words);
    await window.runCommand('Sitespan: Copy Scheduler Address');
    await window.quickInput.pick('abroad');
    await faces.inMessage(expected);
  });

  it('say that a relay cannot be reached, who else is at its address, and that it knows us no more, until it does', async () => {
    const says = (words: RegExp) => ({ cluster: 'faraway', state: 'relay-unreachable', words }) as const;
    await window.rowSays(/^faraway/, /^Cluster faraway, 0\/0 workers$/);
    await relay.stop();
    await faces.say(says(/cannot reach the relay at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/));
    await relay.start('a stranger');
    await faces.say(says(/What answers at 127\.0\.0\.1:\d+ could not prove to be the relay/));
    await window.screenshot('states of clusters');
    await relay.replace('a relay that has forgotten us');
    await faces.say(says(/The relay at 127\.0\.0\.1:\d+ does not know us/));
    await relay.replace('the relay');
    await window.rowSays(/^faraway/, /^Cluster faraway, 0\/0 workers$/);
  });

  it('say in tree and notebook that a kernel has ended, and offer to restart it', async () => {
    await window.notebook.pickKernel('ttbar');
    await window.notebook.runAll();
    await faces.line('Connected to ttbar, 1 worker').waitFor();
    await window.notebook.outputs(/^42$/m);
    const [kernel] = (await rig('ttbar').when(({ kernels }) => kernels[0]?.phase === 'idle')).kernels;
    await rig('ttbar').kill('kernels', kernel?.id ?? '');
    await faces.line('ttbar: The kernel has ended; restart it.').waitFor();
    await faces.inTree({
      cluster: 'ttbar',
      state: 'kernel-dead',
      words: /The kernel's host on this computer has ended/,
    });
    await faces.line('ttbar: The kernel has ended').click();
    await window.answerDialog('Restart');
    await faces.line('Connected to ttbar, 1 worker').waitFor();
  });

  it('say that a keeper is away for as long as it is', async () => {
    const { folder } = rig('ttbar').client;
    const [real, come] = [join(dirname(folder.program), 'real.mjs'), join(home.folder, 'come')];
    await rename(folder.program, real);
    await writeFile(
      folder.program,
      `import { existsSync } from 'node:fs';
while (!existsSync(${JSON.stringify(come)})) await new Promise((resolve) => setTimeout(resolve, 100));
await import('./real.mjs');
`,
    );
    await rig('ttbar').kill('keeper');
    const words = /Its keeper has gone and is being started again; what runs goes on\./;
    await faces.say({ cluster: 'ttbar', state: 'keeper-gone', words });
    await writeFile(come, '');
    await window.rowSays(/^ttbar/, /^Cluster ttbar, 1\/1 workers$/);
    await rename(real, folder.program);
  });

  it('say of a disk that is full what cannot be done, until there is room', async () => {
    await disk.fill();
    const { client } = rig('ttbar');
    // A file's last block has room for some more lines.
    await assert.rejects(async () => {
      for (let n = 0; n < 1000; n++) await client.call(calls.scalePool, { pool: 'main', workers: 1 });
    });
    const [worker] = await rig('ttbar').lives();
    await client.call(calls.killWorker, { worker: worker?.name ?? '' });
    const expected = {
      cluster: 'ttbar',
      state: 'disk-full',
      words: /the disk of .* is full; make room there/,
    } as const;
    await faces.say(expected);
    await window.contextMenu(window.row(/^ttbar/), 'Scale Workers');
    await window.quickInput.answer('2');
    await faces.inMessage(expected);
    await window.screenshot('states disk full');
    await disk.free();
    await window.rowSays(/^ttbar/, /^Cluster ttbar, 1\/1 workers$/);
  });

  it('say in every face that a scheduler has gone, and start its cluster again from the notebook', async () => {
    await window.contextMenu(window.row(/^ttbar/), 'Show Throughput');
    const page = await window.webview('#page');
    await page.getByText('Nothing has been processed').waitFor();
    await rig('ttbar').kill('scheduler');
    const words = /The scheduler on this computer was killed/;
    const gone: Expected = { cluster: 'ttbar', state: 'scheduler-gone', words };
    await faces.panelSays(gone.state, gone.words);
    await faces.inTree(gone);
    await faces.inStatusBar(gone);
    await faces.inNotebook(gone);
    await faces.line('ttbar: ').click();
    await faces.line('Connected to ttbar').waitFor();
    rig('ttbar').client.dispose();
    rigs.set('ttbar', await ClusterRig.attach('ttbar'));
  });
});
