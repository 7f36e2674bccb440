import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { root } from '../../rigs/cluster/clusterRig.js';
import { bareVenvIn, condaPrefixIn } from './prefixes.js';

const answer = z.object({
  environments: z.array(
    z.object({
      label: z.string(),
      environment: z.string(),
      good: z.boolean(),
      verdict: z.string(),
      has: z.object({ packages: z.record(z.string(), z.string().nullable()) }).nullable(),
    }),
  ),
});

describe('sitespan environments', () => {
  let folder: string;
  let conda: string;
  let bare: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sitespan-command-')));
    conda = await condaPrefixIn(join(folder, 'conda'), 'echo noise\n');
    bare = await bareVenvIn(join(folder, 'work', '.venv'));
    await writeFile(join(folder, 'fails.sh'), 'echo "no such platform" >&2\nreturn 7\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    runLeashed({
      command: process.execPath,
      args: [join(root, 'dist', 'cli.mjs'), 'environments', ...args],
      cwd: join(folder, 'work'),
      env,
      timeoutMs: 120_000,
    });

  it('finds what is there and says of each what it has', async () => {
    const env = { HOME: folder, PATH: '/usr/bin:/bin', CONDA_PREFIX: conda };
    const { exitCode, stdout, stderr } = await run(['--json'], env);
    assert.equal(exitCode, 0, stderr);
    const { environments } = answer.parse(JSON.parse(stdout));
    const [first, second] = environments;
    assert.deepEqual([first?.environment, first?.good], [`conda:${conda}`, true]);
    assert.match(first?.has?.packages['distributed'] ?? '', /^\d+\./);
    assert.deepEqual([second?.environment, second?.good], [bare, false]);
    assert.match(second?.verdict ?? '', /has no dask and no distributed/);
  });

  it('looks at those that are named, also with nothing in the environment, and tells by its exit code', async () => {
    const good = await run([`conda:${conda}`], {});
    assert.equal(good.exitCode, 0, good.stderr);
    assert.match(good.stdout, /^environment +Python +dask +distributed +coffea +ROOT +verdict$/m);
    assert.match(good.stdout, /^conda:\S+ +3\.\d+\.\d+ .* good$/m);
    const bad = await run([join(folder, 'none'), `script:${join(folder, 'fails.sh')}`], {});
    assert.equal(bad.exitCode, 1);
    assert.match(bad.stdout, /There is no interpreter .*none on this computer/);
    assert.match(bad.stdout, /fails\.sh failed on this computer with exit code 7.*it said: no such platform/);
  });
});
