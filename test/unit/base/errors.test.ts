import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';

describe('SitespanError', () => {
  const error = new SitespanError('relay-lost', 'The relay has gone.', { cause: new Error('ECONNRESET') });

  it('is told by its code, never by its text', () => {
    assert.equal(SitespanError.is(error), true);
    assert.equal(SitespanError.is(error, 'relay-lost'), true);
    assert.equal(SitespanError.is(error, 'relay-unreachable'), false);
    assert.equal(SitespanError.is(new Error('relay-lost')), false);
  });

  it('keeps what caused it, for the log', () => {
    assert.ok(error.cause instanceof Error);
    assert.equal(error.cause.message, 'ECONNRESET');
  });
});
