import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runLeashed } from '../../../src/base/child/leashed.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { calls } from '../../../src/keeper/api.js';
import { createCluster } from '../../../src/keeper/clusters.js';
import { ClusterRig, Home, root } from '../../rigs/cluster/clusterRig.js';
import { bareVenvIn, condaPrefixIn, oldPythonIn, prefixIn } from './prefixes.js';

/** Where each of the three kinds of process is, and what it sees of the environment's own variables. */
const asking = `
import os, sys
from dask.distributed import Client

def here():
    names = ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "OF_THE_PACKAGE", "OF_THE_VIEW", "PYTHONPATH", "HOME")
    return {"prefix": sys.prefix, **{name: os.environ.get(name) for name in names}}

client = Client()
client.wait_for_workers(WORKERS, timeout=120)
result = {
    "kernel": here(),
    "scheduler": client.run_on_scheduler(here),
    "workers": list(client.run(here).values()),
    "sum": client.submit(sum, [1, 2, 3]).result(timeout=60),
}
`;

const place = z.object({
  prefix: z.string(),
  CONDA_PREFIX: z.string().nullable(),
  CONDA_DEFAULT_ENV: z.string().nullable(),
  OF_THE_PACKAGE: z.string().nullable(),
  OF_THE_VIEW: z.string().nullable(),
  PYTHONPATH: z.string(),
  HOME: z.string().nullable(),
});
const answer = z.object({ kernel: place, scheduler: place, workers: z.array(place), sum: z.literal(6) });
type Place = z.infer<typeof place>;

describe('environments of a cluster', () => {
  let home: Home;
  let folder: string;
  let conda: Extract<EnvironmentSpec, { kind: 'conda' }>;
  let view: Extract<EnvironmentSpec, { kind: 'script' }>;
  /** By the words that their sentence must have. */
  let unfit: readonly (readonly [string, EnvironmentSpec, RegExp])[];

  before(async () => {
    home = await Home.make();
    folder = await mkdtemp(join(tmpdir(), 'sitespan-environments-'));
    const prefix = await condaPrefixIn(join(folder, 'conda envs', "ada's"), 'export OF_THE_PACKAGE="yes of course"\n');
    conda = { kind: 'conda', prefix };
    const views = await prefixIn(join(folder, 'view'));
    view = { kind: 'script', script: join(folder, 'set up.sh'), python: 'python3' };
    await writeFile(
      view.script,
      `echo "Setting up the view" "$@"; echo "{}"\nexport PATH="${views}/bin:$PATH" PYTHONPATH=/of/the/view OF_THE_VIEW=yes DASK_SCHEDULER_ADDRESS=tcp://elsewhere:1\n`,
    );
    await writeFile(join(folder, 'fails.sh'), 'echo "no such platform" >&2\nreturn 7\n');
    await writeFile(join(folder, 'exits.sh'), 'echo "not on this host" >&2\nexit 5\n');
    await mkdir(join(folder, 'empty'));
    const bare = await bareVenvIn(join(folder, 'bare'));
    const old = await oldPythonIn(join(folder, 'old-python'));
    const of = (script: string): EnvironmentSpec => ({
      kind: 'script',
      script: join(folder, script),
      python: 'python3',
    });
    unfit = [
      ['missing', { kind: 'python', python: join(folder, 'no', 'python') }, /there is no .*no\/python/i],
      [
        'bare',
        { kind: 'python', python: bare },
        /has no dask and no distributed|has no distributed|distributed absent/,
      ],
      ['old', { kind: 'python', python: old }, /Python 3\.9\.1/],
      ['fails', of('fails.sh'), /fails\.sh failed on this \w+ with exit code 7/],
      ['exits', of('exits.sh'), /exits\.sh failed on this \w+ with exit code 5/],
      ['noscript', of('none.sh'), /there is no set-up script .*none\.sh on this/],
      ['noprefix', { kind: 'conda', prefix: join(folder, 'none') }, /there is no conda prefix .*none on this/],
      ['nopython', { kind: 'conda', prefix: join(folder, 'empty') }, /conda prefix .*empty has no bin\/python on this/],
    ];
  });
  after(async () => {
    await home?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const isView = (one: Place): void => {
    assert.equal(one.prefix, join(folder, 'view'));
    assert.equal(one.OF_THE_VIEW, 'yes');
    assert.match(one.PYTHONPATH, /^\/\S+:\/of\/the\/view$/);
  };
  const isConda = (one: Place): void => {
    assert.deepEqual(
      [one.prefix, one.CONDA_PREFIX, one.CONDA_DEFAULT_ENV, one.OF_THE_PACKAGE],
      [conda.prefix, conda.prefix, "ada's", 'yes of course'],
    );
  };

  describe('a set-up script that overwrites PYTHONPATH and talks', () => {
    let rig: ClusterRig;
    before(async () => {
      rig = await ClusterRig.make({ name: 'view', environment: view });
    });
    after(async () => rig?.close());

    it('is that of scheduler, kernel and a worker, beside workers of a conda prefix', async () => {
      await rig.client.call(calls.createPool, { name: 'main', sites: ['north'], environment: view });
      await rig.client.call(calls.createPool, { name: 'conda', sites: ['south'], environment: conda });
      await rig.scale(1, 'main');
      await rig.scale(1, 'conda');
      const said = answer.parse(await rig.run(asking.replace('WORKERS', '2')));
      isView(said.kernel);
      isView(said.scheduler);
      const [inView, inConda] = said.workers.sort((a, b) => (b.OF_THE_VIEW ?? '').localeCompare(a.OF_THE_VIEW ?? ''));
      assert.ok(inView && inConda);
      isView(inView);
      isConda(inConda);
    });

    it('is not that of a kernel which asks for another', async () => {
      const said = answer.parse(
        await rig.run(asking.replace('WORKERS', '2'), { MINE: '1' }, undefined, undefined, conda),
      );
      isConda(said.kernel);
      isView(said.scheduler);
    });

    it('is what "sitespan environments --cluster" compares others with', async () => {
      const args = [join(root, 'dist', 'cli.mjs'), 'environments', '--cluster', 'view'];
      const run = (...named: string[]) =>
        runLeashed({ command: process.execPath, args: [...args, ...named], timeoutMs: 120_000 });
      const fits = await run(`conda:${conda.prefix}`);
      assert.equal(fits.exitCode, 0, fits.stderr);
      assert.match(fits.stdout, / fits$/m);
      const old = await run(join(folder, 'old-python'));
      assert.equal(old.exitCode, 1);
      assert.match(old.stdout, /has Python 3\.9\.1, which is too old/);
    });

    it('lets no kernel start where the environment cannot do it: a sentence', async () => {
      for (const [name, environment, sentence] of unfit) {
        await assert.rejects(rig.client.call(calls.startKernel, { cwd: folder, environment }), (error: Error) => {
          assert.match(error.message, sentence, name);
          assert.match(error.message, /give|choose|install|source it/, name);
          return true;
        });
      }
      await assert.rejects(rig.client.call(calls.startKernel, { cwd: folder, python: join(folder, 'no') }), {
        code: 'environment-missing',
      });
    });

    it('ends the lives of workers whose node cannot do it with a sentence', async () => {
      for (const [name, environment] of unfit) {
        await rig.client.call(calls.createPool, { name, sites: ['north'], environment });
        await rig.client.call(calls.scalePool, { pool: name, workers: 1 });
        await rig.when(({ problems }) => problems.some(({ message }) => message.includes(`Pool ${name} `)));
      }
      const lives = await rig.lives();
      for (const [name, , sentence] of unfit) {
        const ends = lives.filter(({ pool }) => pool === name).map(({ steps }) => steps.at(-1)?.evidence ?? '');
        assert.ok(ends.length > 0, name);
        for (const evidence of ends) assert.match(evidence, sentence, name);
      }
    });
  });

  it('where nothing is in the environment, as after env -i, work', async () => {
    const before = { ...process.env };
    // The two folders only keep this test from the user's own clusters.
    for (const name of Object.keys(process.env))
      if (!/^XDG_(STATE_HOME|RUNTIME_DIR)$/.test(name)) delete process.env[name];
    let rig: ClusterRig | undefined;
    try {
      rig = await ClusterRig.make({ name: 'bare', environment: conda });
      await rig.client.call(calls.createPool, { name: 'main', sites: ['north'], environment: conda });
      await rig.scale(1);
      const said = answer.parse(await rig.run(asking.replace('WORKERS', '1')));
      for (const one of [said.kernel, said.scheduler, ...said.workers]) isConda(one);
      assert.deepEqual([said.kernel.HOME, said.scheduler.HOME], [null, null]);
    } finally {
      Object.assign(process.env, before);
      await rig?.close();
    }
  });

  it('that cannot do it make no cluster: a sentence', async () => {
    const wish = { bundle: join(root, 'dist'), localSites: [{ name: 'north', slots: 1, enter: [] }] };
    for (const [name, environment, sentence] of unfit) {
      await assert.rejects(createCluster({ ...wish, name, environment }), (error: Error) => {
        assert.match(error.message, sentence, name);
        assert.match(error.message, /give|choose|install|source it/, name);
        return true;
      });
    }
  });
});
