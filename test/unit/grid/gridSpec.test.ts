import assert from 'node:assert/strict';
import { gridSpec } from '../../../src/grid/gridSpec.js';

const spec = {
  ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' },
  ...{ sites: ['LCG.A.uk'], proxy: '/tmp/x509up_u1000', caDirectory: '/etc/grid-security/certificates' },
};

describe('the settings of a grid', () => {
  it('need what nobody can guess, and no more', () => {
    assert.deepEqual(gridSpec.parse(spec), { ...spec, services: {}, pollSeconds: 10 });
  });

  for (const [what, change] of [
    ['an address that is not https', { url: 'dips://dirac.example:9132' }],
    ['a service with such an address', { services: { JobManager: 'dips://dirac.example:9132/x' } }],
    ['a service that is not called', { services: { Matcher: 'https://dirac.example/x' } }],
    ['no site', { sites: [] }],
    ['a site with a quote', { sites: ['A"'] }],
    ['a proxy by a relative path', { proxy: 'proxy' }],
    ['a word that is not a setting', { password: 'x' }],
    ['another kind of grid', { kind: 'arc' }],
  ] as const) {
    it(`are refused with ${what}`, () => {
      assert.equal(gridSpec.safeParse({ ...spec, ...change }).success, false);
    });
  }
});
