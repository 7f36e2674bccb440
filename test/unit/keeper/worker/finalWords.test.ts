import assert from 'node:assert/strict';
import { finalWords } from '../../../../src/keeper/worker/finalWords.js';

describe('finalWords', () => {
  const output = 'sitespan: The relay at r:1 is slow; trying again.\nsitespan: there is no python3.\nwrapper: exit 3\n';

  it('are the sentence of a job that never came, wherever the grid puts it', () => {
    assert.equal(finalWords(output, false), 'there is no python3.');
  });

  it('are the last line of one that had come, and of one that has no sentence of ours', () => {
    assert.equal(finalWords(output, true), 'wrapper: exit 3');
    assert.equal(finalWords('sitespan: Enrolled as main-1.\nKilled\n\n', false), 'Killed');
    assert.equal(finalWords(' \n', false), undefined);
  });

  it('are not what Dask says when all is well: a worker that was killed has said nothing of its end', () => {
    const well =
      '2026-12-01 15:57:41,102 - distributed.core - INFO - Starting established connection to relay://scheduler';
    assert.equal(finalWords(`sitespan: Enrolled as main-1.\n${well}\n`, true), undefined);
    assert.equal(finalWords(`MemoryError\n${well}\n`, true), 'MemoryError');
  });

  it('keep the beginning and the end of a long line', () => {
    assert.match(finalWords(`a${'b'.repeat(1000)}c`, true) ?? '', /^ab{199}…b{199}c$/);
  });
});
