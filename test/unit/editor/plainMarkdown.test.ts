import assert from 'node:assert/strict';
import { plainMarkdown } from '../../../src/editor/plainMarkdown.js';

describe('plainMarkdown', () => {
  it('leaves nothing that Markdown or HTML would read', () => {
    assert.equal(plainMarkdown('a **b** [c](d) <e> & `f`'), 'a \\*\\*b\\*\\* \\[c\\]\\(d\\) &lt;e\\> &amp; \\`f\\`');
  });

  it('keeps spaces, at which a line breaks, and lines', () => {
    assert.equal(plainMarkdown('one two\nthree'), 'one two\n\nthree');
  });
});
