import assert from 'node:assert/strict';
import { SitespanError } from '../../../src/base/errors.js';
import { RelayWatch } from '../../../src/keeper/relayWatch.js';

describe('RelayWatch', () => {
  const registered = { phase: 'registered', id: 'keeper:1' } as const;
  const away = (code = 'relay-unreachable') =>
    ({ phase: 'connecting', problem: new SitespanError(code, `It is ${code}.`) }) as const;

  it('says nothing of a relay that comes back at once', () => {
    const watch = new RelayWatch();
    assert.equal(watch.look(away(), 0), false);
    assert.equal(watch.look(away(), 4), false);
    assert.equal(watch.look(registered, 4.5), false);
    assert.equal(watch.look(away(), 5), false);
    assert.equal(watch.problem, undefined);
  });

  it('says why one stays away, once, and that it is back', () => {
    const watch = new RelayWatch();
    watch.look(away(), 0);
    assert.equal(watch.look(away(), 6), true);
    assert.deepEqual(watch.problem, { code: 'relay-unreachable', message: 'It is relay-unreachable.' });
    assert.equal(watch.look(away(), 7), false);
    // Between two attempts nothing is known that is newer.
    assert.equal(watch.look({ phase: 'connecting' }, 8), false);
    assert.notEqual(watch.problem, undefined);
    assert.equal(watch.look(registered, 9), true);
    assert.equal(watch.problem, undefined);
  });

  it('says at once that it refuses for good, under a code that is of relays alone', () => {
    const watch = new RelayWatch();
    const problem = new SitespanError('revoked', 'The relay refused us.');
    assert.equal(watch.look({ phase: 'ended', problem }, 0), true);
    assert.deepEqual(watch.problem, { code: 'relay-lost', message: 'The relay refused us.' });
  });
});
