import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracGrid } from '../../../src/grid/dirac/diracGrid.js';
import type { DiracSpec } from '../../../src/grid/gridSpec.js';
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

  describe('says in a sentence', () => {
    let scratch: string;

    before(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'sitespan-dirac-'));
    });
    after(() => rm(scratch, { recursive: true, force: true }));

    const asks = async (changes: Partial<DiracSpec>, person: 'alice' | 'mallory' = 'alice'): Promise<unknown> => {
      const grid = new DiracGrid('dirac', dirac.spec(person, changes));
      try {
        return await grid.identity();
      } finally {
        await grid.dispose();
      }
    };
    const both = async (name: 'stranger'): Promise<string> => {
      const path = join(scratch, `${name}.proxy`);
      const files = [dirac.pki.certificate(name), dirac.pki.key(name)];
      await writeFile(path, (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join(''), { mode: 0o600 });
      return path;
    };

    it('who we are', async () => {
      const { expiresAtMs, ...who } = await new DiracGrid('dirac', dirac.spec()).identity();
      assert.deepEqual(who, { name: 'alice', group: 'gridpp_user' });
      assert.ok(expiresAtMs !== undefined && expiresAtMs > Date.now());
    });

    it('that there is no proxy, or that the file is none', async () => {
      await assert.rejects(asks({ proxy: join(scratch, 'none') }), {
        code: 'proxy-missing',
        message: /sitespan proxy init/,
      });
      await assert.rejects(asks({ proxy: dirac.pki.authority }), { code: 'proxy-unreadable', message: /ca\.pem/ });
    });

    it('that the proxy has expired, without asking DIRAC', async () => {
      const proxy = await dirac.pki.proxy('alice', 'gridpp_user', 'expired.proxy', { expired: true });
      await assert.rejects(asks({ proxy }), {
        code: 'proxy-expired',
        message: /expired at \d{4}-.*sitespan proxy init/,
      });
    });

    it('that DIRAC does not trust the one who signed it', async () => {
      await assert.rejects(asks({ proxy: await both('stranger') }), { code: 'grid-untrusting' });
    });

    it('that DIRAC does not know its owner', async () => {
      await assert.rejects(asks({}, 'mallory'), { code: 'grid-unauthorized', message: /may not do that/ });
    });

    it('that we do not trust what answers', async () => {
      await copyFile(dirac.pki.certificate('stranger'), join(scratch, '00000000.0'));
      await assert.rejects(asks({ caDirectory: scratch }), {
        code: 'grid-untrusted',
        message: /CN=Test CA, which is not in/,
      });
      await assert.rejects(asks({ caDirectory: join(scratch, 'none') }), { code: 'authorities-missing' });
    });

    it('that nothing answers, and that there is no such service', async () => {
      await assert.rejects(asks({ url: 'https://localhost:1' }), {
        code: 'grid-unreachable',
        message: /localhost:1 did/,
      });
      const services = { JobMonitoring: `${dirac.url}/WorkloadManagement/Nothing` };
      await assert.rejects(asks({ services }), { code: 'grid-service-missing', message: /JobMonitoring/ });
    });

    it('which sites are banned', async () => {
      const service = 'WorkloadManagement/WMSAdministrator';
      await dirac.call('admin', service, 'banSite', sites.brunel, 'a test');
      try {
        const grid = new DiracGrid('dirac', dirac.spec());
        assert.deepEqual(
          (await grid.sites()).map(({ name, banned, gridWords }) => [name, banned, gridWords]),
          [
            [sites.bristol, false, 'Active'],
            [sites.ralpp, false, 'Active'],
            [sites.brunel, true, 'Banned'],
          ],
        );
      } finally {
        await dirac.call('admin', service, 'allowSite', sites.brunel, 'a test');
      }
    });
  });

  it('finds and confirms a bulk whose sender died before it could, and no job of it ran before', async () => {
    const monitoring = 'WorkloadManagement/JobMonitoring';
    const jdl = '[ JobGroup = "left"; Executable = "/bin/true"; Site = "LCG.UKI-LT2-Brunel.uk"; Parameters = 2; ]';
    const jobs = await dirac.call('alice', 'WorkloadManagement/JobManager', 'submitJob', jdl);
    assert.ok(Array.isArray(jobs) && jobs.length === 2);
    const status = async () => JSON.stringify(await dirac.call('alice', monitoring, 'getJobsStatus', jobs));
    assert.match(await status(), /"Submitting".*"Submitting"/);
    const grid = new DiracGrid('dirac', dirac.spec());
    assert.deepEqual(await grid.find('left'), jobs.map(String));
    assert.doesNotMatch(await status(), /Submitting/);
    await grid.kill(jobs.map(String));
  });

  it('takes a new proxy file up at the next call', async () => {
    const proxy = await dirac.pki.proxy('alice', 'gridpp_user', 'renewed.proxy');
    const grid = new DiracGrid('dirac', dirac.spec('alice', { proxy }));
    assert.equal((await grid.identity()).name, 'alice');
    await dirac.pki.proxy('bob', 'other_user', 'renewed.proxy');
    assert.equal((await grid.identity()).name, 'bob');
  });
});
