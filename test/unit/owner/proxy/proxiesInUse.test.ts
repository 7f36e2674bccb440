import assert from 'node:assert/strict';
import { type DiracSpec, diracSpec } from '../../../../src/grid/gridSpec.js';
import { proxiesInUse } from '../../../../src/owner/proxy/proxiesInUse.js';

function spec(changes: Partial<DiracSpec> = {}): DiracSpec {
  return diracSpec.parse({
    ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
    ...{ sites: ['LCG.Example.uk'], proxy: '/tmp/x509up_u7', caDirectory: '/cvmfs/certificates', ...changes },
  });
}

describe('The proxies in use', () => {
  it('are none where there is no grid', () => {
    assert.deepEqual(proxiesInUse({}, [{ cluster: 'ttbar', grids: {} }]), []);
  });

  it('are one a file, with all that hangs on it', () => {
    const added = { gridpp: { spec: spec() }, na62: { spec: spec({ group: 'na62_user' }) } };
    const clusters = [
      { cluster: 'ttbar', grids: { gridpp: spec() } },
      { cluster: 'wjets', grids: { old: spec({ proxy: '/tmp/old', caDirectory: '/old' }) } },
      { cluster: 'zjets', grids: { gridpp: spec() } },
    ];
    assert.deepEqual(proxiesInUse(added, clusters), [
      {
        ...{ path: '/tmp/x509up_u7', grids: ['gridpp', 'na62'], clusters: ['ttbar', 'zjets'] },
        ...{ groups: ['gridpp_user', 'na62_user'], authorities: '/cvmfs/certificates' },
      },
      { path: '/tmp/old', grids: ['old'], clusters: ['wjets'], groups: ['gridpp_user'], authorities: '/old' },
    ]);
  });
});
