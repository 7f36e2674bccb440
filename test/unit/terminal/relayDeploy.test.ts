import assert from 'node:assert/strict';
import { GivenArguments } from '../../../src/terminal/givenArguments.js';
import { relayHelp } from '../../../src/terminal/help/relayHelp.js';
import { certificateOf } from '../../../src/terminal/relayDeploy.js';

describe('sitespan relay deploy', () => {
  const asked = (...argv: readonly string[]) =>
    certificateOf(GivenArguments.read('relay', relayHelp, ['deploy', 'vm', ...argv]));

  it('leaves the certificate as before, takes a given one, or makes one of its own anew', () => {
    assert.equal(asked(), undefined);
    assert.equal(asked('--renew'), 'renewed');
    assert.deepEqual(asked('--cert', '/srv/a.pem', '--key', '/srv/a.key'), { cert: '/srv/a.pem', key: '/srv/a.key' });
  });
});
