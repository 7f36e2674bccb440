import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newRunFolder, type RunRecord, writeRun } from '../../../src/terminal/runFolder.js';
import { scratchFolder } from '../base/scratchFolder.js';
import { snapshotWith } from '../keeper/snapshots.js';
import { standIn } from '../keeper/standIn.js';

describe('run folders', () => {
  const scratch = scratchFolder();
  const at = new Date('2026-11-23T10:11:12.900Z');
  const record: RunRecord = {
    notebook: 'ttbar.ipynb',
    seconds: 61.5,
    phases: [['data', 1.5]],
    snapshot: snapshotWith({ samples: { ttbar: { events: 9, bytes: 90, files: 1, seconds: 2 } } }),
    series: { times: [1, 2], workers: { 'main-1': { site: 'north', totals: [null, [9, 90]] } } },
  };

  it('are named by the second, so that they sort, and are made with what is above them', async () => {
    const runs = join(scratch(), 'a', 'runs');
    assert.equal(await newRunFolder(runs, at), join(runs, '2026-11-23T10-11-12'));
    assert.deepEqual(await readdir(runs), ['2026-11-23T10-11-12']);
  });

  it('are one for each run, also of one second', async () => {
    const made = await Promise.all([1, 2, 3].map(() => newRunFolder(scratch(), at)));
    assert.equal(new Set(made).size, 3);
    assert.deepEqual((await readdir(scratch())).sort(), [
      '2026-11-23T10-11-12',
      '2026-11-23T10-11-12-2',
      '2026-11-23T10-11-12-3',
    ]);
  });

  it('are known by their whole path, since the notebook runs elsewhere', async () => {
    const before = process.cwd();
    process.chdir(scratch());
    try {
      assert.equal(await newRunFolder('runs', at), join(process.cwd(), 'runs', '2026-11-23T10-11-12'));
    } finally {
      process.chdir(before);
    }
  });

  it('fail where they cannot be made', async () => {
    await writeFile(join(scratch(), 'file'), '');
    await assert.rejects(newRunFolder(join(scratch(), 'file'), at), { code: 'EEXIST' });
  });

  it('hold the run in numbers, and are drawn from them', async () => {
    const interpreter = await standIn(
      join(scratch(), 'python'),
      `const { PYTHONPATH, MPLBACKEND } = process.env;
       require('node:fs').writeFileSync('${scratch()}/drawn', JSON.stringify([process.argv.slice(2), PYTHONPATH, MPLBACKEND]));`,
    );
    assert.equal(await writeRun(scratch(), record, { interpreter, packageFolder: '/bundle/python' }), undefined);
    const file = join(scratch(), 'throughput.json');
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      cluster: 'ttbar',
      notebook: 'ttbar.ipynb',
      seconds: 61.5,
      phases: [['data', 1.5]],
      total: record.snapshot.total,
      sites: [],
      samples: record.snapshot.samples,
      times: [1, 2],
      workers: record.series.workers,
    });
    assert.deepEqual(JSON.parse(await readFile(join(scratch(), 'drawn'), 'utf8')), [
      ['-m', 'sitespan.plot', file, join(scratch(), 'throughput'), '--title', 'ttbar.ipynb'],
      '/bundle/python',
      'Agg',
    ]);
  });

  it('keep the numbers where they could not be drawn, and say why', async () => {
    const file = join(scratch(), 'throughput.json');
    const draw = async (source: string): Promise<string | undefined> => {
      const interpreter = await standIn(join(scratch(), 'python'), source);
      return writeRun(scratch(), record, { interpreter, packageFolder: '/bundle/python' });
    };
    assert.equal(
      await draw(`console.error('Traceback'); console.error('No module named matplotlib'); process.exit(1);`),
      `The throughput was not drawn: No module named matplotlib; its numbers are in ${file}.`,
    );
    assert.equal(
      await draw('process.exit(7);'),
      `The throughput was not drawn: exit code 7; its numbers are in ${file}.`,
    );
    assert.equal(JSON.parse(await readFile(file, 'utf8')).seconds, 61.5);
  });
});
