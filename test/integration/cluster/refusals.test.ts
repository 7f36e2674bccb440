import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { calls } from '../../../src/keeper/api.js';
import { createCluster } from '../../../src/keeper/clusters.js';
import { runNotebook } from '../../../src/notebook/runNotebook.js';
import { ClusterRig, Home, python, root } from '../../rigs/cluster/clusterRig.js';

/** A task that tries what only clients may do; `result` says how each try ended. */
const attack = `
from dask.distributed import Client

client = Client()

def attempt():
    from distributed import get_worker
    from distributed.protocol.pickle import dumps
    from distributed.utils import sync

    worker = get_worker()

    async def ask(what, **arguments):
        try:
            await getattr(worker.scheduler, what)(**arguments)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "allowed"

    harm = dumps(lambda dask_scheduler=None: None)
    return {
        "run_function": sync(worker.loop, ask, "run_function", function=harm, args=dumps(()), kwargs=dumps({})),
        "register_worker_plugin": sync(worker.loop, ask, "register_worker_plugin", plugin=harm, name="harm"),
        "broadcast": sync(worker.loop, ask, "broadcast", msg={"op": "run", "function": harm}),
    }

result = client.submit(attempt, pure=False).result(timeout=30)
`;

describe('a cluster refuses', () => {
  let home: Home;
  let rig: ClusterRig;
  let copy: string;

  before(async () => {
    home = await Home.make();
    rig = await ClusterRig.make();
    await rig.addPool(1);
    copy = await mkdtemp(join(tmpdir(), 'sitespan-job-'));
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
    await rm(copy, { recursive: true, force: true });
  });

  /** Starts once more what a job carries, as anybody could who read it at the site. */
  const startCopy = async (job: string) => {
    const [mark] = await readdir(rig.client.folder.payload);
    assert.ok(mark);
    const cwd = join(copy, `${job}-${process.hrtime.bigint()}`);
    await cp(join(rig.client.folder.payload, mark), cwd, { recursive: true });
    return runLeashed({
      command: '/bin/sh',
      args: ['start.sh'],
      cwd,
      env: { PATH: process.env['PATH'], SITESPAN_JOB: job },
      timeoutMs: 40_000,
    });
  };

  it('workers with another Python, with both versions in their lives, and stops asking for more', async () => {
    const other = join(copy, 'other-python');
    const patched = join(root, 'test', 'fixtures', 'otherPython');
    await writeFile(other, `#!/bin/sh\nPYTHONPATH="$PYTHONPATH:${patched}" exec ${python} "$@"\n`, { mode: 0o755 });
    await rig.client.call(calls.createPool, { name: 'other', sites: ['north'], python: other });
    await rig.client.call(calls.scalePool, { pool: 'other', workers: 1 });
    const { problems } = await rig.when((snapshot) => snapshot.problems.length > 0);
    assert.match(
      problems[0]?.message ?? '',
      /Pool other lost 3 workers.*Python 3\.9\.1 there, 3\.\d+\.\d+ in the cluster/,
    );
    const lives = (await rig.lives()).filter(({ pool }) => pool === 'other');
    assert.equal(lives.length, 3);
    for (const life of lives) assert.match(life.steps.at(-1)?.evidence ?? '', /Python 3\.9\.1 there/);
    await rig.client.call(calls.scalePool, { pool: 'other', workers: 0 });
  });

  it('a join token in a job that nobody asked for, and one that was revoked', async () => {
    const used = await startCopy('999');
    assert.equal(used.exitCode, 3);
    assert.match(used.stdout + used.stderr, /token-spent|job-unknown/);
    const [mark] = await readdir(rig.client.folder.payload);
    assert.ok(mark);
    const { credential } = JSON.parse(
      (
        await runLeashed({
          command: 'cat',
          args: [join(rig.client.folder.payload, mark, 'join.json')],
          timeoutMs: 5000,
        })
      ).stdout,
    );
    await rig.client.call(calls.revokeToken, { token: credential.subject });
    const revoked = await startCopy('999');
    assert.equal(revoked.exitCode, 3);
    assert.match(revoked.stdout + revoked.stderr, /token-revoked/);
  });

  it('a worker that wants what only clients may', async () => {
    const answers = await rig.run(attack);
    assert.ok(typeof answers === 'object' && answers !== null);
    for (const [what, answer] of Object.entries(answers)) {
      assert.match(String(answer), /refuse|allowed to|may not|not allowed/i, `${what}: ${answer}`);
      assert.notEqual(answer, 'allowed', what);
    }
    assert.deepEqual(Object.keys(answers), ['run_function', 'register_worker_plugin', 'broadcast']);
  });

  it('a notebook that does not parse', async () => {
    const path = join(copy, 'torn.ipynb');
    await writeFile(path, '{"cells": [');
    const kernel = await rig.client.call(calls.startKernel, { cwd: copy });
    const run = { kernel: kernel.id, path, save: join(copy, 'out.ipynb'), signal: AbortSignal.timeout(30_000) };
    await assert.rejects(runNotebook(rig.client, run), { code: 'not-a-notebook', message: /torn\.ipynb/ });
  });

  it("a kernel's environment without what it needs, and says what to install", async () => {
    const other = join(copy, 'venv');
    const made = await runLeashed({ command: python, args: ['-m', 'venv', '--without-pip', other], timeoutMs: 60_000 });
    assert.equal(made.exitCode, 0, made.stderr);
    await assert.rejects(rig.client.call(calls.startKernel, { cwd: copy, python: join(other, 'bin', 'python') }), {
      code: 'environment-lacks',
      message: /has no distributed and no ipykernel.*install it there/,
    });
  });

  it('a name that could be a path, and a second cluster of the same name', async () => {
    const wish = { python, bundle: join(root, 'dist'), localSites: [{ name: 'north', slots: 1, enter: [] }] };
    await assert.rejects(createCluster({ ...wish, name: 'a/b' }), { code: 'name-invalid', message: /1 to 40 letters/ });
    await assert.rejects(createCluster({ ...wish, name: 'test' }), { code: 'cluster-exists' });
    await assert.rejects(createCluster({ ...wish, name: 'x', python: '/no/python' }), { code: 'python-missing' });
  });
});
