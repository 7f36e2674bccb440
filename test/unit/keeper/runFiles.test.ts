import assert from 'node:assert/strict';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stateFolder } from '../../../src/base/runtimePaths.js';
import { listRuns, type RunFile, readRun, viewOfRun, writeRun } from '../../../src/keeper/runFiles.js';
import type { RateCurve } from '../../../src/keeper/throughputApi.js';
import { scratchHome } from './scratchHome.js';

const curve = (name: string, site: string, events: number): RateCurve => ({
  ...{ name, site, events: [events, events], bytes: [10 * events, 10 * events] },
});

function runOf(id: string, changes: Partial<RunFile> = {}): RunFile {
  return {
    version: 1,
    id,
    name: id.slice(0, -7),
    begunAt: 1000,
    endedAt: 2000,
    times: [1000, 2000],
    sites: [curve('north', 'north', 5)],
    workers: [curve('main-1', 'north', 5)],
    marks: [{ at: 1001, kind: 'join', worker: 'main-1', site: 'north' }],
    cells: [],
    totals: {
      ...{ events: 5000, bytes: 50_000, again: { events: 0, bytes: 0 }, eventsPerSecond: 0, bytesPerSecond: 0 },
      ...{ files: 9, filesExpected: null, filesLeft: null, etaSeconds: null },
    },
    rows: [],
    ...changes,
  };
}

describe('Files of runs', () => {
  scratchHome();

  it('come back whole, and are for their owner only', async () => {
    const state = await stateFolder();
    const path = await writeRun(state, runOf('ttbar-1a2b3c'));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readRun('ttbar-1a2b3c'), runOf('ttbar-1a2b3c'));
  });

  it('are listed, the newest first, without what cannot be read', async () => {
    const state = await stateFolder();
    const old = await writeRun(state, runOf('old-1a2b3c'));
    await utimes(old, 1, 1);
    await writeRun(state, runOf('new-1a2b3c', { endedAt: null }));
    await writeFile(join(dirname(old), 'torn-1a2b3c.json'), '{"version": 1');
    assert.deepEqual(
      (await listRuns()).map(({ id, name, endedAt, totals }) => [id, name, endedAt, totals.events]),
      [
        ['new-1a2b3c', 'new', null, 5000],
        ['old-1a2b3c', 'old', 2000, 5000],
      ],
    );
  });

  it('are none before the first', async () => {
    assert.deepEqual(await listRuns(), []);
  });

  it('are the newest fifty', async () => {
    const state = await stateFolder();
    for (let n = 0; n < 53; n++) {
      const path = await writeRun(state, runOf(`run-${100_000 + n}`));
      if (n < 50) await utimes(path, 1000 + n, 1000 + n);
    }
    const names = await readdir(join(state, '.runs'));
    assert.equal(names.length, 50);
    assert.ok(!names.includes('run-100002.json'));
    assert.ok(names.includes('run-100003.json'));
  });

  it('say what is wrong with one', async () => {
    const path = await writeRun(await stateFolder(), runOf('ttbar-1a2b3c'));
    await assert.rejects(readRun('other-1a2b3c'), { code: 'run-unknown' });
    await assert.rejects(readRun('../ttbar-1a2b3c'), { code: 'run-unknown' });
    await writeFile(path, '{}');
    await assert.rejects(readRun('ttbar-1a2b3c'), { code: 'run-damaged' });
  });

  it('are looked at by site and by worker, very many workers as one', () => {
    const workers = Array.from({ length: 90 }, (_, index) => curve(`main-${index + 1}`, 'north', index + 1));
    const run = runOf('ttbar-1a2b3c', { workers: [...workers, curve('others', '', 1000)] });
    assert.deepEqual(viewOfRun(run, 'site').series, run.sites);
    const { series } = viewOfRun(run, 'worker', ['main-2']);
    assert.equal(series.length, 40);
    assert.deepEqual([series[0]?.name, series[1]?.name, series.at(-1)?.name], ['main-2', 'main-53', 'others']);
    const sum = series.reduce((all, { events }) => all + (events[0] ?? 0), 0);
    assert.equal(sum, 4095 + 1000);
  });
});
