import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diracSpec } from '../../../../src/grid/gridSpec.js';
import { addGrid } from '../../../../src/owner/grids.js';
import { proxyPlace } from '../../../../src/owner/proxy/proxyPlace.js';

describe('The DIRAC that a proxy is for', () => {
  const before_ = process.env['XDG_CONFIG_HOME'];
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sitespan-config-'));
    process.env['XDG_CONFIG_HOME'] = folder;
    const spec = diracSpec.parse({
      ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: ['LCG.Example.uk'], proxy: '/tmp/x509up_gridpp', caDirectory: '/cvmfs/certificates' },
    });
    await addGrid('plain', { spec });
    await addGrid('named', { spec, proxyManager: 'https://dirac.example:8443/Framework/TornadoProxyManager' });
  });
  after(() => {
    if (before_ === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before_;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is a grid that was added, with its group, its file and its authorities', async () => {
    assert.deepEqual(await proxyPlace('plain'), {
      server: { address: 'https://dirac.example:8443', authorities: '/cvmfs/certificates' },
      ...{ group: 'gridpp_user', path: '/tmp/x509up_gridpp' },
    });
    const { server } = await proxyPlace('named', '/elsewhere');
    assert.deepEqual(server, {
      ...{ address: 'https://dirac.example:8443/Framework/TornadoProxyManager', authorities: '/elsewhere' },
    });
  });

  it('is an address', async () => {
    const { server, group } = await proxyPlace('https://other.example:8443');
    assert.deepEqual([server.address, server.authorities, group], ['https://other.example:8443', undefined, undefined]);
  });

  it('is named as it is known', async () => {
    await assert.rejects(proxyPlace('elsewhere'), { code: 'grid-unknown', message: /there are plain, named/ });
  });
});
