import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Examined } from '../../../src/owner/doctor/check.js';
import { clocksAgree } from '../../../src/owner/doctor/checks/clocksAgree.js';
import { nodeVersion, oldestNode } from '../../../src/owner/doctor/checks/nodeVersion.js';
import { stateFolder } from '../../../src/owner/doctor/checks/stateFolder.js';
import { checks, diagnose } from '../../../src/owner/doctor/doctor.js';
import { examineClusters } from '../../../src/owner/doctor/examinedCluster.js';
import { tarball } from '../../../src/owner/doctor/tarball.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { clusterIn } from '../keeper/scratchCluster.js';
import { scratchHome } from '../keeper/scratchHome.js';

const root = join(import.meta.dirname, '..', '..', '..');

function examined(changes: Partial<Examined>): Examined {
  const none = { environment: undefined, signal: undefined };
  const here = {
    env: {},
    state: '/nowhere',
    clusters: [],
    bundle: '/nowhere',
    nodeVersion: 'v22.0.0',
    now: Date.now(),
  };
  return { ...here, ...none, ...changes };
}

describe('the doctor', () => {
  it('has checks of different names, which say what is well', () => {
    assert.ok(checks.length >= 12);
    assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  });

  it('knows the oldest Node that package.json does', async () => {
    const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert.equal(engines.node, `>=${oldestNode.join('.')}`);
    for (const version of ['v20.18.1', 'v20.19.0', 'v24.1.0']) {
      assert.deepEqual(await nodeVersion.find(examined({ nodeVersion: version })), [], version);
    }
    for (const version of ['v20.18.0', 'v18.20.5']) {
      const [finding] = await nodeVersion.find(examined({ nodeVersion: version }));
      assert.match(finding?.what ?? '', new RegExp(`This is Node ${version}`));
    }
  });

  describe('in a home', () => {
    const home = scratchHome();

    it('does not follow a link in the place of the folder of clusters', async () => {
      const state = join(home(), 'link');
      await mkdir(join(home(), 'target'), { mode: 0o700 });
      await symlink(join(home(), 'target'), state);
      const [finding] = await stateFolder.find(examined({ state }));
      assert.match(finding?.what ?? '', /this is none/);
    });

    it('sees that files were written in the future', async () => {
      const cluster = await clusterIn(home());
      await mkdir(cluster.keeper, { recursive: true });
      await writeFile(join(cluster.keeper, 'alive'), '');
      const clusters = await examineClusters(join(cluster.path, '..'));
      assert.deepEqual(await clocksAgree.find(examined({ clusters })), []);
      const [finding] = await clocksAgree.find(examined({ clusters, now: Date.now() - 3_600_000 }));
      assert.match(finding?.what ?? '', /written 1 h in the future/);
    });

    it('tells of a check that cannot be made, and makes the others', async () => {
      const cluster = await clusterIn(home());
      // Where a file should be there is a folder.
      await mkdir(join(cluster.scheduler, 'exit'), { recursive: true });
      const { checked } = await diagnose({ bundle: join(home(), 'bundle') });
      const [failed] = checked.find(({ check }) => check.id === 'schedulers-run')?.findings ?? [];
      assert.match(failed?.what ?? '', /^It could not be found out whether schedulers run: /);
      assert.equal(checked.length, checks.length);
    });
  });
});

describe('tarball', () => {
  const folder = scratchFolder();

  it('is what tar unpacks', async () => {
    const long = 'x'.repeat(1500);
    const entries = [
      { name: 'a/one', text: 'first\n' },
      { name: 'a/b/two', text: long },
      { name: 'empty', text: '' },
      { name: 'block', text: 'y'.repeat(512) },
    ];
    await writeFile(join(folder(), 'some.tar.gz'), tarball(entries, 1_790_000_000));
    execFileSync('tar', ['xzf', 'some.tar.gz'], { cwd: folder() });
    for (const { name, text } of entries) assert.equal(await readFile(join(folder(), name), 'utf8'), text);
  });

  it('refuses a name that does not fit', () => {
    assert.throws(() => tarball([{ name: 'n'.repeat(101), text: '' }], 0), RangeError);
  });
});
