import assert from 'node:assert/strict';
import { renamed } from '../../../../src/editor/notebooks/renamed.js';

describe('A renamed file', () => {
  it('has the new name', () => assert.equal(renamed('/a/x.ipynb', '/a/x.ipynb', '/b/y.ipynb'), '/b/y.ipynb'));
  it('has moved with its folder', () => assert.equal(renamed('/a/sub/x.ipynb', '/a', '/b'), '/b/sub/x.ipynb'));
  it('is not one that only begins alike', () => assert.equal(renamed('/ab/x.ipynb', '/a', '/b'), undefined));
});
