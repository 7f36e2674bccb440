import assert from 'node:assert/strict';
import { allocationOf } from '../../../src/keeper/allocation.js';

describe('allocationOf', () => {
  for (const [workers, cores, walltimeSeconds, sentence] of [
    [8, 8, 86_400, '8 jobs × 8 cores × 24 h = 1,536 core hours'],
    [1, 1, 3600, '1 job × 1 core × 1 h = 1 core hour'],
    [3, 2, 5400, '3 jobs × 2 cores × 1.5 h = 9 core hours'],
    [1000, 8, 259_200, '1,000 jobs × 8 cores × 72 h = 576,000 core hours'],
    [0, 4, 3600, '0 jobs × 4 cores × 1 h = 0 core hours'],
  ] as const) {
    it(`says: ${sentence}`, () => {
      assert.equal(allocationOf({ cores, walltimeSeconds }, workers), sentence);
    });
  }
});
