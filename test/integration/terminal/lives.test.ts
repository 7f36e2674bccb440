import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { KeeperClient } from '../../../src/keeper/client.js';
import { outputText } from '../../../src/notebook/outputText.js';
import { KernelRecord } from '../../../src/notebook/record.js';
import { ClusterRig, Home, processesOf } from '../../rigs/cluster/clusterRig.js';
import { Cli } from '../../rigs/terminal/cli.js';
import { shownIn, writeNotebook } from '../../rigs/terminal/notebooks.js';

/** Seconds between two lines: as slow as a person's loop where that is asked for. */
const pace = process.env['SITESPAN_PACE'] ?? '0.1';
/** Long enough for either pace on a machine that is busy with something else, too. */
const patienceMs = 600_000;
const lines = Array.from({ length: 300 }, (_, index) => String(index + 1));

describe('a notebook whose terminals and keeper die', () => {
  let home: Home;
  let rig: ClusterRig;

  before(async () => {
    home = await Home.make();
    rig = await ClusterRig.make();
  });
  after(async () => {
    await Cli.killAll();
    // Whoever looks at a cluster whose keeper is dead starts it again.
    (await KeeperClient.connect(rig.client.folder, () => undefined)).dispose();
    await rig.close();
    const left = processesOf(home.folder);
    await home.remove();
    assert.deepEqual(left, [], 'something was left running');
  });

  it('has all of its output once and in order: in the record, before every viewer, in the executed notebook', async function () {
    this.timeout(2 * patienceMs);
    const path = await writeNotebook(join(home.folder, 'long.ipynb'), {
      count: `import time\nfor n in range(1, 301):\n    print(n, flush=True)\n    time.sleep(${pace})`,
      next: 'print("the next cell")',
      last: 'print("the last cell")',
    });
    const folder = rig.client.folder.kernel('k1');
    const reached = (number: number): Promise<void> =>
      until(async () => (await recorded(folder)).some((line) => Number(line) >= number), {
        timeoutMs: patienceMs,
        everyMs: 200,
        what: `Line ${number} in the record`,
      });

    const run = Cli.start('run', path);
    await run.says(/^60$/m, patienceMs);
    await run.kill();
    await reached(90);
    const second = Cli.start('attach', 'test/k1');
    await reached(120);
    await rig.kill('keeper');
    await reached(150);
    const third = Cli.start('attach', 'test/k1');

    assert.deepEqual([await second.end(patienceMs), await third.end(patienceMs)], [0, 0], second.errors + third.errors);
    const all = [...lines, 'the next cell', 'the last cell'];
    assert.deepEqual(await recorded(folder), all);
    assert.deepEqual(await shownIn(join(home.folder, 'long-executed.ipynb')), {
      count: `${lines.join('\n')}\n`,
      next: 'the next cell\n',
      last: 'the last cell\n',
    });
    for (const { output } of [second, third]) {
      assert.deepEqual(
        output.split('\n').filter((line) => /^(\d+|the .* cell)$/.test(line)),
        all,
      );
    }
    const shownFirst = run.output.split('\n').filter((line) => /^\d+$/.test(line));
    assert.deepEqual(shownFirst, lines.slice(0, shownFirst.length));
  });
});

/** The lines that the cells have shown so far, as the record tells. */
async function recorded(folder: string): Promise<string[]> {
  const record = new KernelRecord();
  record.feed(await readFile(join(folder, 'record.jsonl')));
  const text = record.cells.map(({ outputs }) => outputText(outputs)).join('');
  return text.split('\n').slice(0, -1);
}
