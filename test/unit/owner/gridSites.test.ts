import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GridDescription, gridDescription } from '../../../src/grid/dirac/gridDescription.js';
import { gridSites } from '../../../src/owner/gridSites.js';
import { openSites } from '../../../src/owner/openSites.js';
import { type Answer, FakeDirac, Status } from '../grid/dirac/fakeDirac.js';

const [a, b, c] = ['LCG.A.uk', 'LCG.B.uk', 'LCG.C.uk'];

describe("a grid's sites", function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let state: string;
  const given = process.env['XDG_STATE_HOME'];

  before('a grid, and no clusters', async () => {
    dirac = await FakeDirac.start();
    state = await mkdtemp(join(tmpdir(), 'sitespan-sites-'));
    process.env['XDG_STATE_HOME'] = state;
  });
  after(async () => {
    dirac?.stop();
    if (given === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = given;
    await rm(state, { recursive: true, force: true });
  });

  const described = (): GridDescription =>
    gridDescription.parse({
      spec: {
        ...{ kind: 'dirac', url: dirac.url, setup: 'GridPP', vo: 'gridpp', group: 'gridpp_user', sites: [a, b, c] },
        ...{ proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
      },
    });
  const has = (monitoring: Record<string, Answer>, mask: Answer = () => ({ [a]: 'Active', [b]: 'Banned' })): void =>
    dirac.has({
      'WorkloadManagement/WMSAdministrator': { getSiteMaskStatus: mask },
      'WorkloadManagement/JobMonitoring': monitoring,
    });

  it('have its word for them, the jobs of all its users, and our workers', async () => {
    has({ getSiteSummary: () => ({ [a]: { Waiting: 3, Running: 2, Done: 9 }, Total: { Waiting: 3, Running: 2 } }) });
    assert.deepEqual(await gridSites('gridpp', described()), [
      { name: a, word: 'Active', jobs: { waiting: 3, running: 2 }, workers: 0 },
      { name: b, word: 'Banned', jobs: { waiting: 0, running: 0 }, workers: 0 },
      { name: c, jobs: { waiting: 0, running: 0 }, workers: 0 },
    ]);
  });

  it('are counted in another way, or not, where the grid has no such call', async () => {
    const counters = [
      [{ Status: 'Waiting', Site: a }, 5],
      [{ Status: 'Running', Site: a }, 1],
      [{ Status: 'Waiting', Site: 'ANY' }, 7],
    ];
    has({ getCounters: () => counters });
    assert.deepEqual((await gridSites('gridpp', described()))[0]?.jobs, { waiting: 5, running: 1 });
    has({}, () => new Status(501));
    assert.deepEqual((await gridSites('gridpp', described()))[0], { name: a, workers: 0 });
  });

  it('can be used in any case of letters, by their own names, each once', async () => {
    has({});
    assert.deepEqual(await openSites('gridpp', described(), ['lcg.a.UK', c, a]), [a, c]);
  });

  it('are refused with a sentence where they are banned or not there', async () => {
    has({});
    await assert.rejects(openSites('gridpp', described(), [a, b]), {
      code: 'site-banned',
      message: /no jobs to LCG\.B\.uk \(Banned\) now/,
    });
    await assert.rejects(openSites('gridpp', described(), ['LCG.D.uk']), { code: 'site-unknown', message: /LCG\.C/ });
  });
});
