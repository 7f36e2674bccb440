import assert from 'node:assert/strict';
import { Strangers } from '../../../src/relay/strangers.js';

describe('Strangers', () => {
  it('are let in up to the limit, and again when one has left', () => {
    const strangers = new Strangers(2);
    const first = strangers.enter();
    assert.ok(first);
    assert.ok(strangers.enter());
    assert.equal(strangers.enter(), undefined);
    first.dispose();
    first.dispose();
    assert.equal(strangers.size, 1);
    assert.ok(strangers.enter());
    assert.equal(strangers.enter(), undefined);
  });
});
