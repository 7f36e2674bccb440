import assert from 'node:assert/strict';
import { duration } from '../../../src/owner/duration.js';

describe('duration', () => {
  it('is said in the units a person would take', () => {
    assert.deepEqual([0, -3, 45.4, 89, 90, 3600, 5400, 12_000, 172_800, 190_800].map(duration), [
      ...['0 s', '0 s', '45 s', '89 s', '2 min', '1 h', '1 h 30 min', '3 h 20 min', '2 d', '2 d 5 h'],
    ]);
  });
});
