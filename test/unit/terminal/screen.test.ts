import assert from 'node:assert/strict';
import { Screen } from '../../../src/terminal/screen.js';
import { TextOutput } from './textOutput.js';

describe('Screen', () => {
  describe('on a terminal', () => {
    const terminal = (columns = 40) => {
      const output = new TextOutput(true, columns);
      return { output, screen: new Screen(output) };
    };

    it('draws over what it showed before, be that more or fewer lines', () => {
      const { output, screen } = terminal();
      screen.show(['one', 'two', 'three']);
      assert.deepEqual(output.seen, ['one', 'two', 'three']);
      screen.show(['four']);
      assert.deepEqual(output.seen, ['four']);
      screen.show(['five', 'six']);
      assert.deepEqual(output.seen, ['five', 'six']);
    });

    it('keeps what is printed, above what changes', () => {
      const { output, screen } = terminal();
      screen.print('data made');
      screen.show(['50 %']);
      screen.print('first events');
      screen.show(['60 %']);
      screen.show(['70 %']);
      assert.deepEqual(output.seen, ['data made', 'first events', '70 %']);
    });

    it('takes away what changes, and no more', () => {
      const { output, screen } = terminal();
      screen.print('data made');
      screen.show(['50 %', 'north']);
      screen.clear();
      screen.clear();
      assert.deepEqual(output.seen, ['data made']);
    });

    it('cuts lines that would wrap, so that the next drawing is not off', () => {
      const { output, screen } = terminal(10);
      for (const length of [9, 10, 11, 100]) {
        screen.show(['x'.repeat(length), 'end']);
        assert.equal(output.seen.length, 2, `${length} letters`);
        assert.equal(output.seen[0], length < 10 ? 'x'.repeat(length) : `${'x'.repeat(8)}…`);
      }
    });

    it('takes 80 columns where the terminal does not say', () => {
      const output = new TextOutput(true);
      new Screen(output).show(['x'.repeat(200)]);
      assert.deepEqual(output.seen, [`${'x'.repeat(78)}…`]);
    });

    it('prints an empty line', () => {
      const { output, screen } = terminal();
      screen.print();
      assert.equal(output.written, '\n');
    });
  });

  describe('on a pipe', () => {
    it('writes the first lines as one, now and then, and nothing to draw with', () => {
      const output = new TextOutput(false);
      let now = 1000;
      const screen = new Screen(output, () => now);
      screen.show(['ttbar  1/2 workers', '   0 Hz', 'north', 'south']);
      now += 4999;
      screen.show(['not yet']);
      now += 1;
      screen.show(['ttbar  2/2 workers', '   9 Hz']);
      assert.equal(output.written, 'ttbar  1/2 workers  0 Hz\nttbar  2/2 workers  9 Hz\n');
    });

    it('writes all that is printed at once', () => {
      const output = new TextOutput(false);
      const screen = new Screen(output, () => 0);
      screen.show(['ttbar']);
      screen.print('first events');
      screen.clear();
      screen.print('last cell');
      assert.equal(output.written, 'ttbar\nfirst events\nlast cell\n');
    });
  });
});
