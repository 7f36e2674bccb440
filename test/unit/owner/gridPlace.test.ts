import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gridDescription } from '../../../src/grid/dirac/gridDescription.js';
import { type FreshGrid, gridPlace, unanswered } from '../../../src/owner/gridPlace.js';
import { addGrid } from '../../../src/owner/grids.js';
import { type Answer, FakeDirac, Status } from '../grid/dirac/fakeDirac.js';

const words = { setup: 'setup=', vo: 'vo=', group: 'owner_group=', sites: 'dirac_sites=' };
const [open, banned] = ['LCG.A.uk', 'LCG.B.uk'];

describe('where the workers of a grid go', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let config: string;
  const given = process.env['XDG_CONFIG_HOME'];

  before(async () => {
    dirac = await FakeDirac.start();
    config = await mkdtemp(join(tmpdir(), 'sitespan-place-'));
    process.env['XDG_CONFIG_HOME'] = config;
  });
  after(async () => {
    dirac?.stop();
    if (given === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = given;
    await rm(config, { recursive: true, force: true });
  });

  const has = (mask: Answer = () => ({ [open]: 'Active', [banned]: 'Banned' })): void => {
    const who = { whoami: () => ({ username: 'ada', group: 'gridpp_user', secondsLeft: 3000 }) };
    const ask = (name: string): string => `WorkloadManagement/${name}`;
    dirac.has({
      ...{ [ask('JobManager')]: who, [ask('JobMonitoring')]: who, [ask('SandboxStore')]: who },
      [ask('WMSAdministrator')]: { ...who, getSiteMaskStatus: mask },
    });
  };
  const clues = (more: Partial<FreshGrid> = {}): FreshGrid => ({
    ...{ url: dirac.url, setup: 'GridPP', vo: 'gridpp', proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    ...more,
  });

  it('is found out from what somebody knows of the grid, which is not added for that', async () => {
    has();
    const place = await gridPlace(clues(), ['lcg.a.UK'], words);
    assert.deepEqual([place.grid, place.sites], ['dirac', [open]]);
    assert.deepEqual([place.spec.group, place.spec.sites], ['gridpp_user', [open, banned]]);
    await assert.rejects(gridPlace('dirac', [], words), { code: 'grid-unknown' });
  });

  it('is looked up by the name of a grid that was added', async () => {
    has();
    const { spec } = await gridPlace(clues(), [], words);
    await addGrid('gridpp', gridDescription.parse({ spec }));
    assert.deepEqual(await gridPlace('gridpp', [open], words), { grid: 'gridpp', spec, sites: [open] });
  });

  it('is all open sites where none is named; of those that are named all must be open', async () => {
    has();
    assert.deepEqual((await gridPlace(clues(), [], words)).sites, [open]);
    await assert.rejects(gridPlace(clues(), [open, banned], words), { code: 'site-banned', message: /LCG\.B\.uk/ });
    has(() => ({ [open]: 'Banned', [banned]: 'Banned' }));
    await assert.rejects(gridPlace(clues(), [], words), { code: 'site-banned' });
  });

  it('is what was named where the grid tells of no sites', async () => {
    has(() => new Status(501));
    assert.deepEqual((await gridPlace(clues(), ['LCG.Own.uk'], words)).sites, ['LCG.Own.uk']);
    await assert.rejects(gridPlace(clues(), [], words), { code: 'grid-question', message: /Say it with dirac_sites=/ });
  });

  it('says what has to be told, in the words of who asks', async () => {
    has();
    await assert.rejects(gridPlace({ ...clues(), setup: undefined }, [], words), {
      code: 'grid-question',
      message: /Which setup is it\?.*Say it with setup=/,
    });
    const question = { about: 'vo', sentence: 'Which VO?', choices: ['gridpp', 'lz'] } as const;
    assert.equal(unanswered([question], words).message, 'Which VO? Say it with vo= (gridpp, lz).');
  });

  it("refuses another group than the proxy's, as which DIRAC would run the jobs, before it asks anybody", async () => {
    has();
    await assert.rejects(gridPlace(clues({ group: 'lz_user' }), [], words), {
      code: 'group-differs',
      message: /group gridpp_user.*sitespan proxy init --group lz_user/,
    });
    assert.deepEqual(dirac.asked, []);
    assert.equal((await gridPlace(clues({ group: 'gridpp_user' }), [], words)).spec.group, 'gridpp_user');
  });
});
