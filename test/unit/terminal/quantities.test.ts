import assert from 'node:assert/strict';
import { megabytes, seconds, wholeNumber } from '../../../src/terminal/quantities.js';

describe('quantities', () => {
  it('are read in the units that people write', () => {
    assert.deepEqual(
      ['24h', '90min', '90m', '3600', '1.5 h', '2d', '45s'].map((text) => seconds(text, '--walltime')),
      [86_400, 5400, 5400, 3600, 5400, 172_800, 45],
    );
    assert.deepEqual(
      ['2000', '4GB', '4gb', '512M', '1.5G', '1GiB'].map((text) => megabytes(text, '--memory')),
      [2000, 4000, 4000, 512, 1500, 1074],
    );
    assert.equal(wholeNumber('0', 'N'), 0);
  });

  it('that are none are asked wrongly', () => {
    for (const text of ['', 'a day', '-1h', '24 hours', '1e3', 'constructor']) {
      assert.throws(() => seconds(text, '--walltime'), { code: 'usage', message: /--walltime must be a time/ });
      assert.throws(() => megabytes(text, '--memory'), { code: 'usage', message: /--memory must be a size/ });
    }
    for (const text of ['', '-1', '1.5', 'many', '0x10']) {
      assert.throws(() => wholeNumber(text, 'N'), { code: 'usage', message: /N must be a whole number from 0/ });
    }
    assert.throws(() => wholeNumber('0', 'The slots', 1), { code: 'usage' });
  });
});
