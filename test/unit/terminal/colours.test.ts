import assert from 'node:assert/strict';
import { coloursOf } from '../../../src/terminal/colours.js';
import { table } from '../../../src/terminal/table.js';
import { visible } from '../../../src/terminal/visible.js';
import { TextOutput } from './textOutput.js';

describe('coloursOf', () => {
  const [terminal, pipe] = [new TextOutput(true), new TextOutput(false)];

  it('are on a terminal that knows them, unless its user wants none', () => {
    assert.equal(coloursOf(terminal, { TERM: 'xterm' }).bad('no'), '\x1b[31mno\x1b[39m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) assert.equal(coloursOf(terminal, env).bad('no'), 'no');
    assert.equal(coloursOf(terminal, { NO_COLOR: '' }).good('x'), '\x1b[32mx\x1b[39m');
    assert.equal(coloursOf(pipe, { TERM: 'xterm' }).bad('no'), 'no');
  });

  it('take no room in a table', () => {
    const { good } = coloursOf(terminal, {});
    const lines = table(
      [
        ['a', 'b'],
        [good('yes'), '1'],
        ['perhaps', '22'],
      ],
      ['left', 'right'],
    );
    assert.deepEqual(lines.map(visible), ['a         b', '───────────', 'yes       1', 'perhaps  22']);
  });
});
