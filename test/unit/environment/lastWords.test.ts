import assert from 'node:assert/strict';
import { lastWords } from '../../../src/environment/lastWords.js';

describe('lastWords', () => {
  it('are the last line that is not empty', () => {
    assert.equal(lastWords('one\ntwo\n\n'), 'two');
    assert.equal(lastWords(' \n'), 'it said nothing');
  });

  it('of a sentence of ours tell what was said just before it', () => {
    assert.equal(
      lastWords('no such platform\nsitespan: the set-up script x.sh failed.\n'),
      'the set-up script x.sh failed (it said: no such platform)',
    );
    assert.equal(lastWords('sitespan: one\nsitespan: there is no x.\n'), 'there is no x');
  });

  it('are no longer than a sentence can bear', () => {
    assert.equal(lastWords('x'.repeat(1000)).length, 300);
  });
});
