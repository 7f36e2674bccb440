import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { watchPath } from '../../../src/base/watchPath.js';
import { writeAtomically } from '../../../src/base/writeAtomically.js';
import { scratchFolder } from './scratchFolder.js';

describe('A watched path', () => {
  let told: number;
  let watching: { dispose(): void } | undefined;
  beforeEach(() => {
    told = 0;
  });
  // Before the folder goes.
  afterEach(() => {
    watching?.dispose();
    watching = undefined;
  });
  const scratch = scratchFolder();

  function watchIt(path: string): void {
    watching = watchPath(
      path,
      () => told++,
      (error) => assert.fail(String(error)),
    );
  }
  const tellsOf = async (what: string, change: () => Promise<unknown>): Promise<void> => {
    const before = told;
    await change();
    await until(() => told > before, { timeoutMs: 5000, everyMs: 5, what });
  };

  it('tells that its file came, was replaced, changed and went', async () => {
    const path = join(scratch(), 'proxy');
    watchIt(path);
    await tellsOf('Its coming', () => writeFile(path, 'a'));
    await tellsOf('Another', () => writeAtomically(path, 'b'));
    await tellsOf('Its change', () => writeFile(path, 'c'));
    await tellsOf('Its end', () => rm(path));
  });

  it('is followed through folders that come, go and come again', async () => {
    const path = join(scratch(), 'config', 'sitespan', 'grids.json');
    watchIt(path);
    for (const time of ['The first', 'The second']) {
      await tellsOf(time, async () => {
        await mkdir(join(scratch(), 'config', 'sitespan'), { recursive: true });
        await writeFile(path, time);
      });
      await tellsOf(`${time} change`, () => writeFile(path, 'changed'));
      await tellsOf(`${time} end`, () => rm(join(scratch(), 'config'), { recursive: true }));
    }
  });

  it('says nothing of what else is in its folder', async () => {
    watchIt(join(scratch(), 'proxy'));
    await writeFile(join(scratch(), 'other'), 'a');
    await tellsOf('Its own', () => writeFile(join(scratch(), 'proxy'), 'a'));
    const after = told;
    await writeFile(join(scratch(), 'another'), 'a');
    await tellsOf('Its own again', () => rm(join(scratch(), 'proxy')));
    assert.ok(told - after <= 2, `${told - after}`);
  });
});
