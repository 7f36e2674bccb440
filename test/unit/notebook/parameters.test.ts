import assert from 'node:assert/strict';
import { parseParameters } from '../../../src/notebook/parameters.js';

describe('parseParameters', () => {
  it('takes JSON as what it is and all else as a string; of two of one name the last', () => {
    assert.deepEqual(parseParameters(['a=1', 'b=4j1b', 'c=[null, true]', 'd=x=y', 'e=', 'a=2.5']), {
      a: 2.5,
      b: '4j1b',
      c: [null, true],
      d: 'x=y',
      e: '',
    });
  });

  for (const text of ['events', '=1', '2b=1', 'a-b=1', 'run=12345678901234567890']) {
    it(`refuses ${text}`, () => assert.throws(() => parseParameters([text]), { code: 'usage' }));
  }
});
