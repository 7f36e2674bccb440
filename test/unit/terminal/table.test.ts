import assert from 'node:assert/strict';
import { table } from '../../../src/terminal/table.js';

describe('table', () => {
  it('puts words left and numbers right, under a rule, without trailing blanks', () => {
    assert.deepEqual(
      table(
        [
          ['site', 'events', 'note'],
          ['north', '1,234', 'a'],
          ['se', '7', ''],
        ],
        ['left', 'right', 'left'],
      ),
      [
        // The widest cell of each column sets it.
        'site   events  note',
        '───────────────────',
        'north   1,234  a',
        'se          7',
      ],
    );
  });

  it('draws a rule for a row of no cells', () => {
    assert.deepEqual(table([['n'], ['10'], [], ['20']], ['right']), [' n', '──', '10', '──', '20']);
  });

  it('takes a row that is short, and none but the head', () => {
    assert.deepEqual(table([['a', 'b'], ['x']], ['left', 'left']), ['a  b', '────', 'x']);
    assert.deepEqual(table([['a', 'b']], ['left', 'right']), ['a  b', '────']);
  });
});
