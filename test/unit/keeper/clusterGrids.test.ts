import assert from 'node:assert/strict';
import { gridSpec } from '../../../src/grid/gridSpec.js';
import { ClusterFolder, clusterSettings } from '../../../src/keeper/clusterFolder.js';
import { ClusterGrids, checkSites } from '../../../src/keeper/clusterGrids.js';
import { writtenSettings } from './writtenSettings.js';

const gridpp = gridSpec.parse({
  ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' },
  ...{ sites: ['LCG.A.uk'], proxy: '/tmp/x509up_u1000', caDirectory: '/etc/grid-security/certificates' },
});
const settings = clusterSettings.parse({ ...writtenSettings, grids: { gridpp } });

describe('the grids of a cluster', () => {
  it('are this computer and those of its settings', () => {
    const grids = new ClusterGrids(settings, new ClusterFolder('/nowhere'));
    assert.equal(grids.of('local').name, 'local');
    assert.equal(grids.of('gridpp').name, 'gridpp');
    assert.throws(() => grids.of('other'), { code: 'grid-unknown', message: /no grid other; it has local, gridpp/ });
  });

  it('each have sites of their own', () => {
    checkSites(settings, 'local', ['north']);
    checkSites(settings, 'gridpp', ['LCG.A.uk']);
    assert.throws(() => checkSites(settings, 'local', ['LCG.A.uk']), {
      code: 'site-unknown',
      message: /This computer/,
    });
    assert.throws(() => checkSites(settings, 'gridpp', ['north']), { code: 'site-unknown', message: /grid gridpp/ });
    assert.throws(() => checkSites(settings, 'other', ['north']), { code: 'grid-unknown' });
  });

  it('are none but this computer in a cluster that is older than they', () => {
    assert.deepEqual(clusterSettings.parse(writtenSettings).grids, {});
  });

  it('cannot take the name of this computer', () => {
    assert.equal(clusterSettings.safeParse({ ...writtenSettings, grids: { local: gridpp } }).success, false);
  });
});
