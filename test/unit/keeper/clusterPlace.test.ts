import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endKept, startKept } from '../../../src/base/child/kept.js';
import { stateFolder } from '../../../src/base/runtimePaths.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { clustersOfFormerNames, placeOf } from '../../../src/keeper/clusterPlace.js';
import { findCluster, listClusters } from '../../../src/keeper/clusters.js';
import { clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';

describe('the place of a cluster', () => {
  const started: string[] = [];
  // Before their folders go: that is how they are found.
  afterEach(async () => {
    for (const folder of started.splice(0)) await endKept(folder, { graceMs: 0 });
  });
  const home = scratchHome();

  const keep = async (folder: ClusterFolder): Promise<void> => {
    started.push(folder.keeper);
    await startKept({
      folder: folder.keeper,
      command: '/bin/sleep',
      args: ['600'],
      env: { PATH: process.env['PATH'] ?? '' },
      cwd: folder.path,
      logLimitBytes: 1000,
    });
  };
  const paths = (folders: readonly ClusterFolder[]): string[] => folders.map(({ path }) => path);

  it('is nowhere before it is kept, and then here', async () => {
    const folder = await clusterIn(home(), {});
    assert.equal(await placeOf(folder), 'nowhere');
    await keep(folder);
    assert.equal(await placeOf(folder), 'here');
  });

  it('stays here when the host gets another name, and only of what runs here', async () => {
    const folder = await clusterIn(home(), {});
    const state = await stateFolder();
    const former = join(dirname(state), 'former-name');
    await rename(state, former);
    const moved = new ClusterFolder(join(former, folder.path.slice(state.length + 1)));
    assert.deepEqual(paths(await clustersOfFormerNames(await stateFolder())), []);
    await keep(moved);
    assert.deepEqual(paths(await clustersOfFormerNames(await stateFolder())), [moved.path]);
    assert.deepEqual(paths(await listClusters()), [moved.path]);
    const { name } = await moved.readSettings();
    assert.equal((await findCluster(name)).path, moved.path);
    await assert.rejects(clusterIn(home(), { name }), { code: 'cluster-exists' });
  });

  it('is elsewhere while its keeper shows life from where we cannot see it: neither listed, found nor replaced', async () => {
    const folder = await clusterIn(home(), {});
    await keep(folder);
    const alive = join(folder.keeper, 'alive');
    await until(
      () =>
        readFile(alive).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 60_000, what: 'The first sign of life' },
    );
    const mark = join(folder.keeper, 'kept.json');
    const text = await readFile(mark, 'utf8');
    const known = JSON.parse(text);
    await writeFile(mark, JSON.stringify({ ...known, mark: { ...known.mark, pids: 'pid:[1]' } }));
    const { name } = await folder.readSettings();
    assert.equal(await placeOf(folder), 'elsewhere');
    assert.deepEqual(await listClusters(), []);
    await assert.rejects(findCluster(name), { code: 'cluster-elsewhere' });
    await assert.rejects(clusterIn(home(), { name }), { code: 'cluster-elsewhere' });
    await writeFile(mark, text);
  });
});
