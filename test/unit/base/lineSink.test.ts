import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineSink } from '../../../src/base/lineSink.js';
import { scratchFolder } from './scratchFolder.js';

describe('lineSink', () => {
  const scratch = scratchFolder();

  it('writes whole lines', async () => {
    const path = join(scratch(), 'log');
    const sink = lineSink(openSync(path, 'a'));
    sink('one\n');
    sink('two\n');
    assert.equal(await readFile(path, 'utf8'), 'one\ntwo\n');
  });

  it('outlives a full disk', () => {
    assert.doesNotThrow(() => lineSink(openSync('/dev/full', 'w'))('lost\n'));
  });

  it('says how many lines were lost, once there is room again', () => {
    const written: string[] = [];
    let full = true;
    const sink = lineSink(1, (_, line) => {
      if (full) throw new Error('ENOSPC');
      written.push(line);
    });
    sink('one\n');
    sink('two\n');
    full = false;
    sink('three\n');
    assert.match(written[0] ?? '', /^\n.*"lines lost","lost":2\}\n$/);
    assert.deepEqual(written.slice(1), ['three\n']);
  });
});
