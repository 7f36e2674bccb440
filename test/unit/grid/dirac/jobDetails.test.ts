import assert from 'node:assert/strict';
import { DiracClient } from '../../../../src/grid/dirac/diracClient.js';
import { jobDetails } from '../../../../src/grid/dirac/jobDetails.js';
import { type Answer, FakeDirac, Status } from './fakeDirac.js';

const monitoring = 'WorkloadManagement/JobMonitoring';

describe("DIRAC's own words about a job", function () {
  this.timeout(120_000);
  let dirac: FakeDirac;
  let client: DiracClient;
  before(async () => {
    dirac = await FakeDirac.start();
    client = new DiracClient({
      ...{ url: dirac.url, services: {}, proxy: dirac.proxy, caDirectory: dirac.pki.authorities },
    });
  });
  after(async () => {
    await client?.close();
    dirac?.stop();
  });

  const summary = { Status: 'Running', MinorStatus: 'Application', ApplicationStatus: 'Unknown', Site: 'LCG.A.uk' };
  const has = (methods: Record<string, Answer>): void =>
    dirac.has({ [monitoring]: { getJobsSummary: () => ({ 17: summary }), ...methods } });

  it('are its statuses, the place, and its record of the job with times and who wrote them', async () => {
    has({
      getJobParameters: () => ({ 17: { GridCE: 'ce1.a.uk', HostName: 'node7', 'Memory(MB)': '3' } }),
      getJobLoggingInfo: () => [
        ['Received', 'Job accepted', 'Unknown', '2026-12-01 09:30:00', 'JobManager'],
        ['Running', 'Application', 'Unknown', { __dCls: 'dt', obj: '2026-12-01 09:31:00' }, 'JobWrapper'],
      ],
    });
    assert.deepEqual(await jobDetails(client, '17'), {
      ...{ status: 'Running', minorStatus: 'Application', applicationStatus: undefined, site: 'LCG.A.uk' },
      ...{ computingElement: 'ce1.a.uk', node: 'node7' },
      history: [
        {
          ...{ status: 'Received', minorStatus: 'Job accepted', applicationStatus: 'Unknown' },
          ...{ atMs: Date.UTC(2026, 11, 1, 9, 30), source: 'JobManager' },
        },
        {
          ...{ status: 'Running', minorStatus: 'Application', applicationStatus: 'Unknown' },
          ...{ atMs: Date.UTC(2026, 11, 1, 9, 31), source: 'JobWrapper' },
        },
      ],
    });
  });

  it('are fewer where it has not all the calls, and none of a job that it does not have', async () => {
    has({ getJobParameters: () => new Status(501), getJobLoggingInfo: () => new Status(501) });
    assert.deepEqual((await jobDetails(client, '17'))?.history, []);
    assert.equal(await jobDetails(client, '18'), undefined);
  });
});
