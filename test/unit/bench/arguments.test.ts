import assert from 'node:assert/strict';
import { positive } from '../../../src/bench/arguments.js';

describe('positive', () => {
  it('takes a whole number from 1', () => {
    assert.equal(positive('--rounds', '3'), 3);
  });

  for (const text of ['0', '-1', '1.5', 'many', '', '1e99']) {
    it(`refuses ${JSON.stringify(text)} with the option's name`, () => {
      assert.throws(() => positive('--rounds', text), { code: 'usage', message: /--rounds must be a whole number/ });
    });
  }
});
