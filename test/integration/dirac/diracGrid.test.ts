import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracGrid } from '../../../src/grid/dirac/diracGrid.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';
import { gridBehaviour } from '../grid/gridBehaviour.js';

describe('a real DIRAC', function () {
  this.timeout(240_000);
  let dirac: DiracRig;

  before(async () => {
    dirac = await DiracRig.start();
  });
  after(() => dirac?.stop());

  gridBehaviour('DiracGrid', async () => {
    const shared = await mkdtemp(join(tmpdir(), 'sitespan dirac "grid" $HOME '));
    const made: DiracGrid[] = [];
    const open = (): DiracGrid => {
      const grid = new DiracGrid('dirac', dirac.spec());
      made.push(grid);
      return grid;
    };
    const grid = open();
    return {
      grid,
      ...{ site: sites.bristol, otherSite: sites.ralpp, shared, patienceMs: 90_000, showsRunningOutput: true },
      reopened: open,
      dispose: async () => {
        for (const one of made) await one.dispose();
        await rm(shared, { recursive: true, force: true });
      },
    };
  });
});
