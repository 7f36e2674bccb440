import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { sleep, until } from '../../../src/base/waiting.js';
import { checkGrid } from '../../../src/grid/dirac/checkGrid.js';
import { describeGrid, type GridClues } from '../../../src/grid/dirac/describeGrid.js';
import { DiracGrid } from '../../../src/grid/dirac/diracGrid.js';
import type { GridDescription } from '../../../src/grid/dirac/gridDescription.js';
import { gridSites } from '../../../src/owner/gridSites.js';
import { Home, python, root } from '../../rigs/cluster/clusterRig.js';
import { DiracGate, type Passed } from '../../rigs/dirac/diracGate.js';
import { DiracRig, sites } from '../../rigs/dirac/diracRig.js';
import { Cli } from '../../rigs/terminal/cli.js';

const mask = 'WorkloadManagement/WMSAdministrator';

describe('a real DIRAC, found out and used by its name', function () {
  this.timeout(300_000);
  let home: Home;
  let dirac: DiracRig;
  let folder: string;
  const givenConfig = process.env['XDG_CONFIG_HOME'];

  before(async () => {
    home = await Home.make();
    folder = await mkdtemp(join(tmpdir(), 'sitespan-record-'));
    process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
    dirac = await DiracRig.start();
  });
  after(async () => {
    try {
      await Cli.killAll();
      await cli('stop-everything', '--yes');
    } finally {
      await dirac?.stop();
      if (givenConfig === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = givenConfig;
      await rm(folder, { recursive: true, force: true });
      await home.remove();
    }
  });

  const asks = (clues: Partial<GridClues>) =>
    describeGrid({ proxy: dirac.pki.proxyOf('alice'), caDirectory: dirac.pki.authorities, ...clues });
  const whole = async (clues: Partial<GridClues>): Promise<GridDescription> => {
    const { description, questions } = await asks(clues);
    assert.ok(description, JSON.stringify(questions));
    return description;
  };
  const cli = async (...args: string[]): Promise<{ code: number; output: string; errors: string }> => {
    const run = Cli.start(...args);
    const code = await run.end(180_000);
    return { code, output: run.output, errors: run.errors };
  };
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, output, errors } = await cli(...args);
    assert.equal(code, 0, `sitespan ${args.join(' ')}: ${output} ${errors}`);
    return output;
  };

  it('is found out from its configuration server, as which DIRAC itself has it', async () => {
    const { spec, configuration, proxyManager } = await whole({ configuration: dirac.configuration });
    const { pollSeconds: _, ...found } = spec;
    const { pollSeconds: __, ...known } = dirac.spec('alice', {
      services: { JobManager: `${dirac.url}/WorkloadManagement/TornadoJobManager` },
    });
    assert.deepEqual(found, known);
    assert.equal(configuration, dirac.configuration);
    assert.equal(proxyManager, `${dirac.url}/Framework/ProxyManager`);
  });

  it("is found out from a client's dirac.cfg", async () => {
    const cfg = join(folder, 'dirac.cfg');
    const servers = `dips://localhost:1/Configuration/Server, ${dirac.configuration}`;
    await writeFile(cfg, `DIRAC\n{\n  Setup = Test\n  Configuration\n  {\n    Servers = ${servers}\n  }\n}\n`);
    assert.deepEqual(await whole({ cfg }), await whole({ configuration: dirac.configuration }));
    await assert.rejects(asks({ cfg, setup: 'Production' }), { code: 'setup-unknown', message: /it has Test/ });
  });

  it('is found out from the address of its services alone, beside which a copy of its configuration is', async () => {
    const { spec, configuration } = await whole({ url: dirac.url });
    assert.equal(configuration, `${dirac.url}/Configuration/Server`);
    assert.deepEqual(spec, (await whole({ configuration: dirac.configuration })).spec);
  });

  it('is checked service by service', async () => {
    const good = await whole({ configuration: dirac.configuration });
    const verdicts = async (changed: Partial<GridDescription['spec']>): Promise<string[]> =>
      (await checkGrid({ ...good, spec: { ...good.spec, ...changed } })).map((one) => `${one.verdict} ${one.sentence}`);
    const all = await verdicts({});
    assert.equal(all.filter((one) => one.startsWith('good')).length, 6, all.join('\n'));
    const strange = await verdicts({ proxy: dirac.pki.proxyOf('mallory') });
    assert.match(strange[0] ?? '', /^wrong DIRAC refused JobManager\.whoami/);
    const setup = await verdicts({ setup: 'Nope' });
    assert.match(setup.at(-1) ?? '', /^wrong This grid has no setup Nope.*it has Test/);
  });

  it('tells of its sites, and refuses a banned one before anything is submitted', async () => {
    const description = await whole({ configuration: dirac.configuration });
    await dirac.call('admin', mask, 'banSite', sites.brunel, 'a test');
    try {
      const found = await gridSites('gridpp', description);
      assert.deepEqual(
        found.map(({ name, word, jobs, workers }) => [name, word, typeof jobs?.waiting, workers]),
        [
          [sites.bristol, 'Active', 'number', 0],
          [sites.ralpp, 'Active', 'number', 0],
          [sites.brunel, 'Banned', 'number', 0],
        ],
      );
      const grid = new DiracGrid('gridpp', description.spec);
      const intent = { mark: 'sitespan.banned', sites: [sites.brunel], count: 1, cores: 1, memoryMb: 0 };
      const rest = { walltimeSeconds: 60, sandbox: folder, executable: 'dirac.cfg', environment: {} };
      await assert.rejects(grid.submit({ ...intent, ...rest }), { code: 'site-banned' });
      assert.deepEqual(await grid.find('sitespan.banned'), []);
      await grid.dispose();
    } finally {
      await dirac.call('admin', mask, 'allowSite', sites.brunel, 'a test');
    }
  });

  it('is added, checked and used at two of its sites from the command line, in a few lines', async () => {
    const proxy = ['--proxy', dirac.pki.proxyOf('alice'), '--ca', dirac.pki.authorities];
    assert.match(
      await succeeds('grid', 'add', 'gridpp', '--configuration', dirac.configuration, ...proxy),
      /gridpp is added: setup Test, VO gridpp, group gridpp_user/,
    );
    const again = await cli('grid', 'add', 'gridpp', '--configuration', dirac.configuration, ...proxy);
    assert.deepEqual([again.code, /There is a grid gridpp already/.test(again.errors)], [1, true]);
    assert.match(await succeeds('grid', 'check', 'gridpp'), /Configuration +ok +has the setup Test/);
    // Before there is any cluster.
    const probe = ['probe', '--grid', 'gridpp', sites.bristol.toLowerCase(), '--python', python];
    assert.match(await succeeds(...probe, '--worker-environment', python), /^fit +LCG\.UKI-SOUTHGRID-BRIS-HEP\.uk/m);
    const stopped = Cli.start(...probe);
    await until(() => /One short job each at/.test(stopped.errors), { timeoutMs: 90_000, what: 'The second probe' });
    stopped.interrupt();
    assert.equal(await stopped.end(), 130, stopped.errors);
    assert.deepEqual(JSON.parse(await succeeds('list', '--json')), []);
    await noJobLives();
    const verdicts = z.array(
      z.object({ sites: z.array(z.object({ name: z.string(), verdict: z.object({ ok: z.boolean() }).optional() })) }),
    );
    const [known] = verdicts.parse(JSON.parse(await succeeds('sites', 'gridpp', '--json')));
    assert.deepEqual(
      known?.sites.flatMap(({ name, verdict }) => (verdict === undefined ? [] : [[name, verdict.ok]])),
      [[sites.bristol, true]],
    );
    const where = ['--grid', 'gridpp', '--site', sites.bristol.toUpperCase(), '--site', sites.ralpp];
    const with_ = ['--python', python, '--worker-environment', python, '--cores', '1', '--workers', '2'];
    await succeeds('up', 'agc', ...where, ...with_);
    const workers = z.array(z.object({ sites: z.array(z.object({ name: z.string(), workers: z.int() })) }));
    let at: (readonly [string, number])[] = [];
    for (let look = 0; look < 60 && at.reduce((sum, [, count]) => sum + count, 0) < 2; look++) {
      await sleep(1000);
      const [grid] = workers.parse(JSON.parse(await succeeds('sites', 'gridpp', '--json')));
      at = (grid?.sites ?? []).map((site) => [site.name, site.workers] as const);
    }
    assert.deepEqual(at, [
      [sites.bristol, 1],
      [sites.ralpp, 1],
      [sites.brunel, 0],
    ]);
    const why = await succeeds('why', 'agc', 'main-1');
    assert.match(why, /## What the grid says\n\n- Job: \d+ of gridpp\n- Status: Running\n/);
    assert.match(why, /UTC: Submitting \(Bulk transaction confirmation\), says JobManager\n/);
    await succeeds('grid', 'remove', 'gridpp');
    assert.match(await succeeds('status', 'agc'), /2/);
    await succeeds('down', 'agc');
  });

  /** Runs a user's program as `pip install sitespan` lets it run. */
  const program = async (lines: readonly string[]): Promise<{ code: number; said: unknown; errors: string }> => {
    const path = join(folder, 'analysis.py');
    await writeFile(path, lines.join('\n'));
    const env = { ...process.env, PYTHONPATH: join(root, 'dist', 'python') };
    const ran = await runLeashed({ command: python, args: [path], cwd: folder, env, timeoutMs: 240_000 });
    const said = ran.stdout.trim() === '' ? undefined : JSON.parse(ran.stdout.trim());
    return { code: ran.exitCode, said, errors: ran.stderr };
  };
  const noJobLives = (): Promise<void> =>
    until(async () => (await dirac.livingJobs()).length === 0, { timeoutMs: 120_000, what: 'The end of all jobs' });
  /** The line that dask-dirac's users change, and what follows it. */
  const snippet = (site: string, cores: number, group = 'gridpp_user'): string[] => [
    'import json, time',
    'from sitespan import DiracCluster',
    'from dask.distributed import Client',
    `cluster = DiracCluster(cores=${cores}, memory="24GB", scheduler_options={"port": 8786},`,
    `    dirac_site="${site}", cert_path="${dirac.pki.authorities}", owner_group="${group}",`,
    `    user_proxy="${dirac.pki.proxyOf('alice')}", submission_url="${dirac.url}")`,
  ];

  it("runs the snippet of dask-dirac's users, of which one line was changed", async () => {
    const { code, said, errors } = await program([
      ...snippet(sites.bristol.toUpperCase(), 2),
      'cluster.scale(jobs=2)',
      'client = Client(cluster)',
      'client.wait_for_workers(2, timeout=180)',
      'squares = client.gather(client.map(lambda x: x * x, range(100)))',
      'workers = client.scheduler_info(n_workers=-1)["workers"].values()',
      'kinds = sorted([w["nthreads"], w["memory_limit"]] for w in workers)',
      'cluster.adapt(minimum_jobs=1, maximum_cores=5)',
      'print(json.dumps([sum(squares), kinds, "adapts, 1 to 2" in cluster._repr_html_()]))',
      'client.close()',
      'cluster.close()',
    ]);
    const workers = [2, 24_000_000_000];
    assert.deepEqual([code, said], [0, [328_350, [workers, workers], true]], errors);
    assert.equal([...errors.matchAll(/scheduler_options=: .* no port need be open/g)].length, 1, errors);
    await noJobLives();
  });

  it('asks DIRAC for as many processors as a worker has cores, and ends with the program that made it', async () => {
    const { code, said, errors } = await program([
      ...snippet(sites.brunel.toLowerCase(), 8),
      'client = Client(cluster)',
      'cluster.scale(cores=16)',
      'def jobs(): return [life["job"] for life in cluster.workers.values() if life["job"]]',
      'while len(jobs()) < 2: time.sleep(0.1)',
      'print(json.dumps(jobs()))',
    ]);
    assert.equal(code, 0, errors);
    assert.doesNotMatch(errors, /Traceback/);
    const jobs = z.array(z.string()).length(2).parse(said);
    for (const job of jobs) {
      const jdl = await dirac.call('alice', 'WorkloadManagement/JobMonitoring', 'getJobJDL', Number(job), false);
      assert.match(String(jdl), /NumberOfProcessors = 8;/);
      assert.match(String(jdl), new RegExp(`"${sites.brunel}"`));
    }
    await noJobLives();
    assert.deepEqual(JSON.parse(await succeeds('list', '--json')), []);
  });

  it('says to a program in a sentence what is wrong, and leaves no cluster', async () => {
    const strangeSite = await program(snippet('LCG.Nowhere.uk', 1));
    assert.match(strangeSite.errors, /has no site LCG\.Nowhere\.uk; it has LCG/);
    const strangeGroup = await program(snippet(sites.bristol, 1, 'other_user'));
    assert.match(strangeGroup.errors, /is of the group gridpp_user, and jobs are to be of other_user/);
    assert.deepEqual([strangeSite.code, strangeGroup.code], [1, 1]);
    assert.deepEqual(JSON.parse(await succeeds('list', '--json')), []);
  });

  it('takes 500 workers in few calls, and tells of them in one small answer, and of those alone that have changed', async () => {
    const gate = await DiracGate.start(dirac);
    let passed: Passed[] = [];
    gate.onPass = async (one) => {
      passed.push(one);
    };
    const asked = (): string[] => passed.flatMap(({ method, when }) => (when === 'asked' ? [method] : []));
    const { spec } = await whole({ configuration: dirac.configuration });
    const grid = new DiracGrid('gridpp', { ...spec, url: gate.url, services: {} });
    try {
      const intent = { mark: 'sitespan.many', sites: [sites.brunel], count: 500, cores: 1, memoryMb: 0 };
      const rest = { walltimeSeconds: 3600, sandbox: folder, executable: 'dirac.cfg', environment: {} };
      const jobs = await grid.submit({ ...intent, ...rest });
      assert.equal(new Set(jobs).size, 500);
      // One a worker would be 500 and more.
      assert.ok(asked().length <= 2 * Math.ceil(500 / 100) + 1, asked().join(' '));
      const before = await grid.watch(jobs);
      const doomed = [jobs[7], jobs[99], jobs[499]].flatMap((job) => job ?? []);
      await grid.kill(doomed);
      passed = [];
      const now = await grid.watch(jobs);
      // DIRAC's optimizers may be at work yet.
      const changed = jobs.filter((_, index) => before[index]?.gridWords !== now[index]?.gridWords);
      assert.ok(doomed.every((job) => changed.includes(job)));
      assert.deepEqual(asked(), ['getJobsStatus', 'getJobsSummary']);
      assert.deepEqual(JSON.parse(passed.at(-1)?.args ?? ''), [changed.map(Number)]);
      const bytes = passed.find(({ when }) => when === 'answered')?.bytes ?? Number.NaN;
      assert.ok(bytes <= 40_000, `getJobsStatus of 500 jobs: ${bytes} B`);
      // Of one that is killed twice in a second DIRAC says that it failed.
      await grid.kill(jobs.filter((job) => !doomed.includes(job)));
    } finally {
      await grid.dispose();
      await gate.stop();
    }
  });
});
