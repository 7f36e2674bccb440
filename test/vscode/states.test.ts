import assert from 'node:assert/strict';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endKept } from '../../src/base/child/kept.js';
import { ClusterFolder } from '../../src/keeper/clusterFolder.js';
import { ClusterRig, Home } from '../rigs/cluster/clusterRig.js';
import { openVsCode, type VsCode } from '../rigs/vscode/openVsCode.js';
import type { VsCodeWindow } from '../rigs/vscode/vsCodeWindow.js';

/** Clusters that something is wrong with, brought about from outside, beside one that works; docs/states.md. */
describe('States', () => {
  let home: Home;
  let cluster: ClusterRig;
  let code: VsCode;
  let window: VsCodeWindow;
  const broken: ClusterFolder[] = [];

  /** A cluster of that name as it was when it was made, with something done to it. */
  async function breakOne(
    name: string,
    like: ClusterFolder,
    doing: (folder: ClusterFolder) => Promise<void>,
  ): Promise<void> {
    const folder = new ClusterFolder(join(dirname(like.path), name));
    for (const part of ['cluster.json', 'ca.pem', 'ca.key', 'user.key', 'bundle']) {
      await cp(join(like.path, part), join(folder.path, part), { recursive: true });
    }
    const settings: unknown = JSON.parse(await readFile(like.settings, 'utf8'));
    await writeFile(folder.settings, JSON.stringify({ ...Object(settings), name, id: `${name}-aaaaaa` }));
    await doing(folder);
    broken.push(folder);
  }

  before(async () => {
    home = await Home.make();
    cluster = await ClusterRig.make({ name: 'works' });
    const like = cluster.client.folder;
    await breakOne('damaged', like, ({ settings }) => writeFile(settings, '{"version": 1, '));
    await breakOne('newer', like, ({ settings }) => writeFile(settings, JSON.stringify({ version: 2, name: 'newer' })));
    await breakOne('torn', like, ({ journal }) => appendFile(journal, '{"is":"sca\n{"is":"closing","at":1}\n'));
    await breakOne('unstartable', like, ({ program }) =>
      writeFile(program, "console.error('sitespan: no such cipher.'); process.exitCode = 1;"),
    );
    code = await openVsCode({ home, size: { width: 1300, height: 1000 } });
    window = code.window;
    await window.openView('Sitespan');
  });
  after(async () => {
    try {
      await code?.close();
      await cluster?.close();
      for (const { keeper } of broken) await endKept(keeper, { graceMs: 0 });
    } finally {
      await home?.remove();
    }
  });

  const heard = (row: string | RegExp, words: RegExp): Promise<void> => window.rowSays(row, words);

  for (const [name, words] of [
    ['damaged', /^Cluster damaged, not reached, The settings of the cluster in .* cannot be read/],
    ['newer', /^Cluster newer, not reached, The cluster in .* was made by a newer version of Sitespan/],
    ['torn', /^Cluster torn, not reached, Line 1 of .*journal.jsonl on this computer is not JSON/],
    ['unstartable', /^Cluster unstartable, not reached, The keeper of .* did not start: no such cipher/],
  ] as const) {
    it(`say of ${name} what is wrong with it, beside the others`, async () => {
      await heard(new RegExp(`^${name}`), words);
    });
  }

  it('have a row of their own with what helps', async () => {
    await window
      .row(/^The settings of the cluster/)
      .first()
      .waitFor();
    await heard(/^The settings of the cluster/, /^Error: .* Run Doctor$/);
    await heard(/^The cluster in/, /^Warning: .* Check for Updates$/);
    await window.screenshot('states');
  });

  it('are not in the way of a cluster that works', async () => {
    await heard(/^works/, /^Cluster works, 0\/0 workers$/);
  });

  it('say that a keeper has gone, and that it is back', async () => {
    await cluster.kill('keeper');
    await heard(/^works/, /its keeper is away/);
    await heard(/^works/, /^Cluster works, 0\/0 workers$/);
  });

  it('are the same in two windows', async () => {
    const other = await code.openWindow();
    await other.openView('Sitespan');
    await other.rowSays(/^works/, /^Cluster works, 0\/0 workers$/);
    await other.close();
  });

  it('say why a cluster has ended that lost its scheduler, and offer to start it again', async () => {
    await cluster.kill('scheduler');
    await heard(/^works/, /ended, The scheduler on this computer was killed/);
    await heard(/^The scheduler on this computer/, /^Error: .* Start Again$/);
    assert.equal(await window.row(/^works/).count(), 1);
  });
});
