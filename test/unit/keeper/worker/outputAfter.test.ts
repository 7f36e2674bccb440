import assert from 'node:assert/strict';
import { outputAfter } from '../../../../src/keeper/worker/outputAfter.js';

describe('outputAfter', () => {
  const running = (text: string) => ({ text, final: false });

  it('gives what has been added, and where to go on', () => {
    assert.deepEqual(outputAfter(running('one\ntwo\n'), 0, ''), { text: 'one\ntwo\n', offset: 8, final: false });
    assert.deepEqual(outputAfter(running('one\ntwo\nthree\n'), 8, 'two\n'), {
      text: 'three\n',
      offset: 14,
      final: false,
    });
    assert.equal(outputAfter(running('one\ntwo\n'), 8, 'two\n').text, '');
  });

  it('goes on where it was when the beginning has been cut off', () => {
    assert.equal(outputAfter(running('wo\nthree\n'), 8, 'wo\n').text, 'three\n');
  });

  it('takes of equal lines the one that was given last', () => {
    assert.equal(outputAfter(running('a\na\na\na\n'), 4, 'a\na\n').text, 'a\na\n');
  });

  it('gives all there is when nothing of what was given is left', () => {
    assert.equal(outputAfter(running('nine\nten\n'), 800, 'two\n').text, 'nine\nten\n');
  });

  it('keeps half a character back until it is whole', () => {
    assert.deepEqual(outputAfter(running('5 \uFFFD'), 0, ''), { text: '5 ', offset: 2, final: false });
    assert.equal(outputAfter({ text: '5 µs', final: true }, 2, '5 ').text, 'µs');
  });
});
