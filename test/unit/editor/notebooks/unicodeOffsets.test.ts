import assert from 'node:assert/strict';
import { toCharacters, toUnits } from '../../../../src/editor/notebooks/unicodeOffsets.js';

describe('Offsets in Unicode characters', () => {
  const text = 'a😀b.c';

  it('count an emoji once', () => assert.equal(toCharacters(text, text.indexOf('.')), 3));
  it('lead back to the same place', () => {
    for (const at of [0, 1, 3, 4, text.length]) assert.equal(toUnits(text, toCharacters(text, at)), at);
  });
});
