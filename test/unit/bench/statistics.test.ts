import assert from 'node:assert/strict';
import { median, medianRatio, spread } from '../../../src/bench/statistics.js';

describe('statistics of a bench', () => {
  it('take the middle of an odd number of values, and the mean of the two middle ones of an even number', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 9, 2]), 3);
    assert.throws(() => median([]), RangeError);
  });

  it('compare what was measured in the same round', () => {
    assert.equal(medianRatio([2, 30, 4], [1, 10, 4]), 2);
  });

  it('say what was seen at least and at most', () => {
    assert.equal(spread([1.234, 0.5, 2]), '0.50 … 2.00');
  });
});
