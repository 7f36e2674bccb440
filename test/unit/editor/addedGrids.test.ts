import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/base/waiting.js';
import { AddedGrids } from '../../../src/editor/addedGrids.js';
import { diracSpec } from '../../../src/grid/gridSpec.js';
import { addGrid, gridsPath, readGrids, removeGrid } from '../../../src/owner/grids.js';
import { scratchFolder } from '../base/scratchFolder.js';

describe('The grids that were added', () => {
  let added: AddedGrids;
  let told: number;
  const before = process.env['XDG_CONFIG_HOME'];
  // Before the folder goes.
  afterEach(() => {
    added.dispose();
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  });
  const scratch = scratchFolder();
  beforeEach(() => {
    process.env['XDG_CONFIG_HOME'] = join(scratch(), 'config');
    told = 0;
    added = new AddedGrids({ path: async () => gridsPath(), read: readGrids }, (error) => assert.fail(String(error)));
    added.onDidChange(() => told++);
  });

  const spec = diracSpec.parse({
    ...{ kind: 'dirac', url: 'https://dirac.example:8443', setup: 'Test', vo: 'gridpp', group: 'gridpp_user' },
    ...{ sites: ['LCG.Example.uk'], proxy: '/tmp/x509up_gridpp', caDirectory: '/cvmfs/certificates' },
  });
  const knows = (names: readonly string[]): Promise<void> =>
    until(() => Object.keys(added.grids).join() === names.join(), {
      ...{ timeoutMs: 5000, everyMs: 5 },
      what: `Knowing ${names.join()}`,
    });

  it('are none before anybody looks, and then none where there is no list', async () => {
    assert.deepEqual([added.grids, added.hasLooked], [{}, false]);
    await added.look();
    assert.deepEqual([added.grids, added.hasLooked, told], [{}, true, 1]);
    await added.look();
    assert.equal(told, 1);
  });

  it('are followed, whoever changes the list', async () => {
    await added.look();
    await addGrid('gridpp', { spec });
    await knows(['gridpp']);
    await addGrid('other', { spec });
    await knows(['gridpp', 'other']);
    await removeGrid('gridpp');
    await knows(['other']);
  });

  it('stay as they were known where the list cannot be read, and it is said why', async () => {
    await addGrid('gridpp', { spec });
    await added.look();
    await writeFile(join(scratch(), 'config', 'sitespan', 'grids.json'), '{"version": 1');
    await until(() => added.trouble !== undefined, { timeoutMs: 5000, everyMs: 5, what: 'The trouble' });
    assert.equal(added.trouble?.code, 'grids-damaged', added.trouble?.message);
    assert.deepEqual(Object.keys(added.grids), ['gridpp']);
  });

  it('are followed into another list where the folder is taken away', async () => {
    await addGrid('gridpp', { spec });
    await added.look();
    await rm(join(scratch(), 'config'), { recursive: true });
    await knows([]);
    await mkdir(join(scratch(), 'config'), { recursive: true });
    await addGrid('again', { spec });
    await knows(['again']);
  });
});
