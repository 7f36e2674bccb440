import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracGrid } from '../../../../src/grid/dirac/diracGrid.js';
import { diracSpec } from '../../../../src/grid/gridSpec.js';
import { FakeDirac } from './fakeDirac.js';

const wms = (name: string): string => `WorkloadManagement/${name}`;

describe('a DIRAC as a grid', function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let grid: DiracGrid;
  let sandbox: string;
  /** Of each job its status, which the test changes. */
  let jobs: Map<string, string>;

  before(async () => {
    dirac = await FakeDirac.start();
    sandbox = await mkdtemp(join(tmpdir(), 'sitespan-sandbox-'));
    await writeFile(join(sandbox, 'start.sh'), '#!/bin/sh\n');
  });
  after(async () => {
    dirac?.stop();
    await rm(sandbox, { recursive: true, force: true });
  });
  beforeEach(() => {
    jobs = new Map();
    const spec = diracSpec.parse({
      ...{ kind: 'dirac', url: dirac.url, setup: 'S', vo: 'v', group: 'g', sites: ['LCG.A.uk', 'LCG.B.uk'] },
      ...{ proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    });
    grid = new DiracGrid('gridpp', spec);
    const known = (ids: unknown, value: (id: string) => object): object =>
      Object.fromEntries((Array.isArray(ids) ? ids.map(String) : []).map((id) => [id, value(id)]));
    const status = (id: string): string => jobs.get(id) ?? 'Deleted';
    dirac.has({
      [wms('WMSAdministrator')]: { getSiteMaskStatus: () => ({ 'LCG.A.uk': 'Active', 'LCG.B.uk': 'Banned' }) },
      [wms('SandboxStore')]: { streamFromClient: () => 'SB:SE|/a.tar.bz2' },
      [wms('JobManager')]: {
        getMaxParametricJobs: () => 100,
        submitJob: (jdl) => {
          const count = Number(/Parameters = (\d+);/.exec(String(jdl))?.[1]);
          const ids = Array.from({ length: count }, (_, index) => jobs.size + index + 1);
          for (const id of ids) jobs.set(String(id), 'Waiting');
          return ids;
        },
        confirmBulkSubmission: (ids) => ids,
      },
      [wms('JobMonitoring')]: {
        getJobsStatus: (ids) => known(ids, (id) => ({ Status: status(id) })),
        getJobsSummary: (ids) => known(ids, (id) => ({ Status: status(id), Site: 'LCG.A.uk' })),
      },
    });
  });
  afterEach(() => grid?.dispose());

  const submit = (sites: readonly string[], count = 1) =>
    grid.submit({
      ...{ mark: 'sitespan.test', sites, count, cores: 1, memoryMb: 0, walltimeSeconds: 3600 },
      ...{ sandbox, executable: 'start.sh', environment: {} },
    });
  const asked = (method: string): number => dirac.asked.filter((call) => call.endsWith(` ${method}`)).length;

  it('takes 500 workers in as many calls as bulks, and few more', async () => {
    assert.equal(new Set(await submit(['LCG.A.uk'], 500)).size, 500);
    assert.equal(asked('submitJob'), 5);
    assert.ok(dirac.asked.length <= 2 * Math.ceil(500 / 100) + 1, dirac.asked.join('\n'));
  });

  it('is asked how 500 workers are by one call, and by another for those that changed', async () => {
    const ids = await submit(['LCG.A.uk'], 500);
    await grid.watch(ids);
    dirac.asked.length = 0;
    await grid.watch(ids);
    assert.deepEqual(dirac.asked, [`${wms('JobMonitoring')} getJobsStatus`]);
    jobs.set('7', 'Running');
    const states = await grid.watch(ids);
    assert.equal(states[6]?.phase, 'running');
    assert.deepEqual([asked('getJobsStatus'), asked('getJobsSummary')], [2, 1]);
  });

  it("finds only one's own jobs of a mark, though everybody's are shown", async () => {
    const own = await submit(['LCG.A.uk'], 2);
    const wanted: unknown[] = [];
    dirac.services[wms('JobMonitoring')] = {
      ...dirac.services[wms('JobMonitoring')],
      whoami: () => ({ username: 'ada' }),
      getJobs: (condition) => {
        wanted.push(condition);
        return own;
      },
    };
    assert.deepEqual(await grid.find('sitespan.test'), own);
    assert.deepEqual(wanted, [{ JobGroup: 'sitespan.test', Owner: 'ada' }]);
  });

  it('tells why a job starts again, as it was written down when it was given up', async () => {
    const rows = (more: readonly string[][]): string[][] => [
      ['Received', 'Job accepted', 'Unknown', 'then', 'JobManager'],
      ...more,
    ];
    let history = rows([]);
    dirac.services[wms('JobMonitoring')] = { getJobLoggingInfo: () => history };
    assert.equal(await grid.whyAgain('7'), undefined);
    const sandbox = [
      'Rescheduled',
      'Downloading InputSandbox',
      'Failed Downloading InputSandbox ',
      'then',
      'JobWrapper',
    ];
    history = rows([sandbox, ['Received', 'Job Rescheduled', 'Unknown', 'then', 'JobManager']]);
    assert.equal(await grid.whyAgain('7'), 'Rescheduled (Downloading InputSandbox; Failed Downloading InputSandbox)');
  });

  it('refuses a banned site with a sentence, and submits nothing', async () => {
    await assert.rejects(submit(['LCG.B.uk']), {
      code: 'site-banned',
      message: /no jobs to LCG\.B\.uk \(Banned\) now/,
    });
    assert.deepEqual([asked('submitJob'), asked('streamFromClient')], [0, 0]);
  });

  it('takes jobs for several sites as long as one of them is open', async () => {
    assert.equal((await submit(['LCG.A.uk', 'LCG.B.uk'])).length, 1);
    assert.equal((await submit([])).length, 1);
  });
});
