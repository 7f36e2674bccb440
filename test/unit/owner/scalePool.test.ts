import assert from 'node:assert/strict';
import { sentenceOfAllocation } from '../../../src/owner/scalePool.js';

describe('sentenceOfAllocation', () => {
  const pool = { name: 'main', sites: ['north', 'south'], desired: 2, lives: {}, cores: 8, walltimeSeconds: 86_400 };

  it('says what the additional workers may take, and where', () => {
    assert.equal(
      sentenceOfAllocation(pool, 10),
      'main: 8 jobs × 8 cores × 24 h = 1,536 core hours at most, at north, south.',
    );
  });

  it('says nothing where there are no more than before', () => {
    assert.equal(sentenceOfAllocation(pool, 2), undefined);
    assert.equal(sentenceOfAllocation({ ...pool, adaptive: { minimum: 0, maximum: 10 } }, 9), undefined);
  });

  it('says nothing of a pool whose keeper is too old to tell what it is of', () => {
    const { cores: _cores, ...old } = pool;
    assert.equal(sentenceOfAllocation(old, 10), undefined);
  });
});
