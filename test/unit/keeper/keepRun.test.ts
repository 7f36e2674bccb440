import assert from 'node:assert/strict';
import type { ClusterFolder } from '../../../src/keeper/clusterFolder.js';
import { keepFinishedRun, keepRun, type RunOfCluster } from '../../../src/keeper/keepRun.js';
import { Ledger } from '../../../src/keeper/ledger.js';
import { listRuns, readRun } from '../../../src/keeper/runFiles.js';
import { Throughput } from '../../../src/keeper/throughput.js';
import { schedulerStateOf } from './schedulerStates.js';
import { clusterIn } from './scratchCluster.js';
import { scratchHome } from './scratchHome.js';

describe('A cluster that ends', () => {
  const home = scratchHome();
  let folder: ClusterFolder;
  beforeEach(async () => {
    folder = await clusterIn(home());
  });

  /** A run of two workers, each with 100 events a second, for ten seconds. */
  async function ran(changes: Partial<RunOfCluster> = {}): Promise<RunOfCluster> {
    const throughput = new Throughput(() => 'north');
    for (let t = 0; t <= 10; t++) throughput.take(schedulerStateOf(1000 + t, { 'main-1': 100 * t, 'main-2': 100 * t }));
    const scheduler = schedulerStateOf(1010, { 'main-1': 1000, 'main-2': 1000 });
    const settings = await folder.readSettings();
    return {
      folder,
      settings,
      ledger: new Ledger(),
      throughput,
      scheduler,
      environment: undefined,
      cells: [],
      ...changes,
    };
  }

  it('leaves its run: when, what, and by whom', async () => {
    const run = await ran();
    await keepFinishedRun(run);
    const kept = await readRun(run.settings.id);
    assert.deepEqual([kept.name, kept.totals.events, kept.totals.files, kept.begunAt], ['test', 2000, 2, 1000]);
    assert.ok((kept.endedAt ?? 0) > 1010);
    assert.deepEqual(
      kept.workers.map(({ name, site, events }) => [name, site, events.at(-1)]),
      [
        ['main-1', 'north', 100],
        ['main-2', 'north', 100],
      ],
    );
    assert.equal(kept.sites[0]?.events.at(-1), 200);
  });

  it('leaves none where nothing was done', async () => {
    await keepFinishedRun(await ran({ throughput: new Throughput(() => 'north') }));
    assert.deepEqual(await listRuns(), []);
  });

  it('is kept while it still runs, when its owner wishes it', async () => {
    const run = await ran();
    assert.match(await keepRun(run), /\.runs\/test-[0-9a-f]{6}\.json$/);
    assert.equal((await readRun(run.settings.id)).endedAt, null);
  });

  it('is kept from the curve by a keeper that has not heard of the scheduler, unless more was kept before', async () => {
    const blind = await ran({ scheduler: undefined });
    await keepFinishedRun(blind);
    assert.equal((await readRun(blind.settings.id)).totals.events, 2000);
    const seen = await ran();
    await keepFinishedRun(seen);
    await keepFinishedRun(blind);
    assert.equal((await readRun(blind.settings.id)).totals.files, 2);
  });
});
