import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SitespanError } from '../../../src/base/errors.js';
import { gridDescription } from '../../../src/grid/dirac/gridDescription.js';
import { listClusters } from '../../../src/keeper/clusters.js';
import { everyEnded, listEnded } from '../../../src/owner/endedClusters.js';
import { gridSites } from '../../../src/owner/gridSites.js';
import { addGrid, readGrid } from '../../../src/owner/grids.js';
import { type GridProbing, probeGrid } from '../../../src/owner/probeGrid.js';
import { FakeDirac } from '../grid/dirac/fakeDirac.js';
import { describedStandIn } from '../keeper/describedStandIn.js';
import { bundleIn } from '../keeper/scratchCluster.js';
import { scratchHome } from '../keeper/scratchHome.js';
import { ComingKeeper, keeperProgram } from './comingKeeper.js';

const [good, bad, shut] = ['LCG.Good.uk', 'LCG.bad.uk', 'LCG.Shut.uk'];
const workers = { kind: 'python', python: '/opt/theirs' } as const;

describe('probeGrid', function () {
  this.timeout(120_000);
  const home = scratchHome();
  const givenConfig = process.env['XDG_CONFIG_HOME'];
  let dirac: FakeDirac;
  let keeper: ComingKeeper;
  let stopped: AbortController;

  before(async () => {
    dirac = await FakeDirac.start();
    const masks = { [good]: 'Active', [bad]: 'Active', [shut]: 'Banned' };
    dirac.has({ 'WorkloadManagement/WMSAdministrator': { getSiteMaskStatus: () => masks } });
  });
  beforeEach(async () => {
    process.env['XDG_CONFIG_HOME'] = join(home(), 'config');
    await mkdir(join(home(), 'config'));
    const spec = {
      ...{ kind: 'dirac', url: dirac.url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user' },
      ...{ sites: [good, bad, shut], proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    };
    await addGrid('gridpp', gridDescription.parse({ spec }));
    keeper = new ComingKeeper('probe-gridpp');
    stopped = new AbortController();
  });
  afterEach(() => {
    stopped.abort();
    keeper.dispose();
    if (givenConfig === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = givenConfig;
  });
  after(() => dirac?.stop());

  async function probe(sites: readonly string[], changes: Partial<GridProbing> = {}): Promise<(readonly unknown[])[]> {
    const python = await describedStandIn(join(home(), 'python'));
    const bundle = await bundleIn(home(), keeperProgram);
    const cluster = { bundle, environment: { kind: 'python', python } } as const;
    keeper.serve(stopped.signal).catch(() => undefined);
    const probed = await probeGrid('gridpp', sites, { cluster, workers, tell: () => undefined, ...changes });
    return probed.map(({ site, verdict }) => [site, verdict.ok, verdict.sentence]);
  }
  const known = async (): Promise<unknown> =>
    (await gridSites('gridpp', await readGrid('gridpp'))).map(({ verdict }) => verdict?.ok);

  it('has verdicts of the sites without a cluster, which are known afterwards, and leaves nothing to care about', async () => {
    const told: string[] = [];
    const found = await probe([], { tell: ({ site }) => told.push(site) });
    assert.deepEqual(found, [
      [good, true, `${good} is good.`],
      [bad, false, `${bad} is bad.`],
    ]);
    assert.deepEqual(told.toSorted(), [good, bad].toSorted());
    assert.ok(
      keeper.probed.some((one) => isDeepStrictEqual(one, { grid: 'gridpp', site: good, environment: workers })),
    );
    assert.deepEqual(await known(), [true, false, undefined]);
    assert.deepEqual([await listClusters(), await listEnded()], [[], []]);
    assert.deepEqual(
      (await everyEnded()).map(({ name }) => name),
      ['probe-gridpp'],
    );
  });

  it('adds to what is known when another site is probed later', async () => {
    await probe([good.toLowerCase()]);
    keeper.dispose();
    keeper = new ComingKeeper('probe-gridpp');
    await probe([bad]);
    assert.deepEqual(await known(), [true, false, undefined]);
  });

  it('waits for a job that the keeper has no verdict of yet', async () => {
    keeper.answer = async (verdict) => ({ ...verdict, ok: false, sentence: 'It has not run yet.' });
    assert.deepEqual(await probe([good]), [[good, true, `${good} is good.`]]);
  });

  it('ends what it made when a person stops it', async () => {
    const stopping = new AbortController();
    keeper.answer = async (verdict) => {
      stopping.abort(new SitespanError('stopped', 'Stopped.'));
      return verdict;
    };
    await assert.rejects(probe([good], { signal: stopping.signal }), { code: 'stopped' });
    assert.deepEqual(await listClusters(), []);
    assert.equal((await everyEnded()).length, 1);
  });

  it('makes nothing for a site that its grid calls banned, nor for a grid that is not there', async () => {
    await assert.rejects(probe([good, shut]), { code: 'site-banned' });
    const cluster = { bundle: home() };
    await assert.rejects(probeGrid('other', [], { cluster, workers, tell: () => undefined }), { code: 'grid-unknown' });
    assert.deepEqual([await listClusters(), await everyEnded()], [[], []]);
  });
});
