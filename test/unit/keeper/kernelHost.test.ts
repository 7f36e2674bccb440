import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { endKept, keptOf } from '../../../src/base/child/kept.js';
import { until } from '../../../src/base/waiting.js';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import type { KernelSnapshot } from '../../../src/keeper/api.js';
import { Identities } from '../../../src/keeper/identities.js';
import { KernelHost } from '../../../src/keeper/kernelHost.js';
import { fakeKernelsHost } from './fakeKernelsHost.js';
import { scratchHome } from './scratchHome.js';
import { standIn } from './standIn.js';

const started = z.object({ args: z.array(z.string()), cwd: z.string(), env: z.record(z.string(), z.string()) });

describe('KernelHost', () => {
  // Before the scratch folder goes, and what is known of the child with it.
  afterEach(() => endKept(folder(), { graceMs: 0 }));
  const home = scratchHome();
  const folder = (): string => join(home(), 'k1');
  const relay = { host: '127.0.0.1', port: 8790, serverName: 'sitespan-relay' };
  const identities = new Identities(ClusterAuthority.create(), relay, 'me', 'ttbar-1a2b3c', 'ab'.repeat(32));
  const identity = identities.issue('client', 'kernel-k1');

  async function host(
    source = fakeKernelsHost,
    variables: Record<string, string> = {},
    coffeaCasa = false,
  ): Promise<KernelHost> {
    const python = await standIn(join(home(), 'python'), source);
    const packageFolder = '/bundle/python';
    const about = { id: 'k1', cwd: home(), python, variables, coffeaCasa };
    return new KernelHost(about, { folder: folder(), packageFolder, identity });
  }

  const lookUntil = async (one: KernelHost, phase: KernelSnapshot['phase']): Promise<void> =>
    until(
      async () => {
        await one.look();
        return one.snapshot.phase === phase;
      },
      { timeoutMs: 5000, everyMs: 20, what: `A kernel that is ${phase}` },
    );
  const asked = async (): Promise<unknown[]> =>
    (await readFile(join(folder(), 'asked.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('is starting until its host answers, then what the host says', async () => {
    const one = await host();
    assert.equal(one.snapshot.phase, 'starting');
    await one.start();
    await lookUntil(one, 'idle');
    const cells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
    const environment = { kind: 'python', python: join(home(), 'python') };
    assert.deepEqual(one.snapshot, { id: 'k1', folder: folder(), phase: 'idle', cells, cwd: home(), environment });
  });

  it("runs in the notebook's folder, and there Client() is the cluster", async () => {
    const one = await host(fakeKernelsHost, { AGC_DATA: '/data', DASK_SCHEDULER_ADDRESS: 'tcp://elsewhere:1' });
    await one.start();
    await lookUntil(one, 'idle');
    const { args, cwd, env } = started.parse(JSON.parse(await readFile(join(folder(), 'started.json'), 'utf8')));
    assert.deepEqual(args.slice(0, 6), ['-m', 'sitespan.kernels', '--folder', folder(), '--cwd', home()]);
    assert.equal(cwd, home());
    assert.equal(env['AGC_DATA'], '/data');
    assert.equal(env['DASK_SCHEDULER_ADDRESS'], 'relay://scheduler:8786');
    assert.equal(env['DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER'], 'sitespan.client.security');
    assert.match(env['PYTHONPATH'] ?? '', /^\/bundle\/python(:|$)/);
    const file = env['SITESPAN_IDENTITY'] ?? '';
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), identity);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('shows no secret in its arguments or environment', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    const text = await readFile(join(folder(), 'started.json'), 'utf8');
    for (const secret of [identity.credential.key, 'PRIVATE KEY']) assert.equal(text.includes(secret), false);
  });

  it('counts its cells by their state, and says when something has changed', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    assert.equal(await one.look(), false);
    const counts = { queued: 3, running: 1, done: 2, failed: 1, skipped: 1 };
    await writeFile(join(folder(), 'state.json'), JSON.stringify({ kernel: 'busy', counts, offset: 9 }));
    assert.equal(await one.look(), true);
    assert.equal(one.snapshot.phase, 'busy');
    assert.deepEqual(one.snapshot.cells, { queued: 3, running: 1, done: 2, failed: 1, skipped: 1 });
  });

  it('knows when its cells ran, in the order of time', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    const cells = {
      b: { status: 'running', count: null, started: 20, ended: null },
      a: { status: 'failed', count: 1, started: 10, ended: 15 },
      c: { status: 'queued', count: null, started: null, ended: null },
    };
    const counts = { queued: 1, running: 1, done: 0, failed: 1, skipped: 0 };
    const running = { cell: 'b', since: 20 };
    await writeFile(join(folder(), 'state.json'), JSON.stringify({ kernel: 'busy', cells, counts, running }));
    await lookUntil(one, 'busy');
    assert.deepEqual(one.cells, [
      { at: 10, endedAt: 15, label: '[1]', kernel: 'k1', status: 'failed' },
      { at: 20, endedAt: null, label: '[*]', kernel: 'k1', status: 'running' },
    ]);
  });

  it('hands notebooks, interrupts and restarts to its host', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    await one.notebook({ path: '/n/a.ipynb', save: '/runs/a.ipynb', parameters: { cut: 30 }, id: 'run' });
    await one.interrupt();
    await one.restart();
    assert.deepEqual(await asked(), [
      ['/v1/notebook', { path: '/n/a.ipynb', save: '/runs/a.ipynb', parameters: { cut: 30 }, id: 'run' }],
      ['/v1/interrupt', {}],
      ['/v1/restart', {}],
    ]);
  });

  it("rejects with the host's own error", async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    await assert.rejects(one.notebook({ path: '/none/a.ipynb', save: '/runs/a.ipynb', parameters: {} }), {
      code: 'notebook-missing',
      message: 'There is no notebook /none/a.ipynb.',
    });
  });

  it('says that a host which does not answer yet cannot be reached, and where its log is', async () => {
    const one = await host('setInterval(() => 0, 1000);');
    await one.start();
    assert.equal(await one.look(), false);
    assert.equal(one.snapshot.phase, 'starting');
    await assert.rejects(one.interrupt(), { code: 'kernel-unreachable', message: /k1\/log/ });
  });

  it('is dead with the last words of a host that ended', async () => {
    const one = await host(
      `console.error('first'); console.error('this environment has no ipykernel'); process.exit(2);`,
    );
    await one.start();
    await lookUntil(one, 'dead');
    assert.deepEqual(one.snapshot.problem, {
      code: 'kernel-ended',
      message: "The kernel's host on this computer has ended: this environment has no ipykernel",
    });
  });

  it('has no problem when it has ended as it was asked to, whoever has asked', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    const kept = await keptOf(folder());
    assert.ok(kept);
    process.kill(-kept.mark.pid, 'SIGTERM');
    await lookUntil(one, 'dead');
    const { problem, ended } = one.snapshot;
    assert.deepEqual({ problem, ended }, { problem: undefined, ended: 'it was shut down' });
  });

  it('tells since when its cell runs, what Python it has, and since when it is of no use', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    assert.equal(one.unusedSince, undefined);
    const say = async (said: object) => {
      await writeFile(join(folder(), 'state.json'), JSON.stringify({ active: 50, looked: 70, ...said }));
      await one.look();
    };
    const python = { version: '3.11.7', executable: '/python' };
    await say({ kernel: 'busy', python, running: { cell: 'b', since: 40 } });
    const { runningSince, lastActivity, python: said } = one.snapshot;
    assert.deepEqual({ runningSince, lastActivity, said }, { runningSince: 40, lastActivity: 50, said: python });
    assert.equal(one.unusedSince, undefined);
    await say({ kernel: 'idle' });
    assert.equal(one.unusedSince, 70);
    await say({ kernel: 'dead', looked: null });
    assert.equal(one.unusedSince, 50);
  });

  it('is dead where its interpreter is not there', async () => {
    const one = await host();
    await rm(join(home(), 'python'));
    await one.start();
    await lookUntil(one, 'dead');
    assert.match(one.snapshot.problem?.message ?? '', /python/);
  });

  it('is started again where its host has ended', async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    const first = await keptOf(folder());
    await one.end('its owner shut it down');
    await lookUntil(one, 'dead');
    await one.restart();
    assert.equal(one.snapshot.phase, 'starting');
    assert.equal(one.snapshot.problem, undefined);
    await lookUntil(one, 'idle');
    assert.notDeepEqual(await keptOf(folder()), first);
  });

  it("says what hinders it in the host's own words, and takes it back", async () => {
    const one = await host();
    await one.start();
    await lookUntil(one, 'idle');
    const problem = { code: 'record-unwritten', message: 'The record cannot be written: No space left on device.' };
    const say = (said: object | null) =>
      writeFile(join(folder(), 'state.json'), JSON.stringify({ kernel: 'idle', cells: {}, problem: said }));
    await say(problem);
    await one.look();
    assert.deepEqual(one.snapshot.problem, problem);
    await say(null);
    await one.look();
    assert.equal(one.snapshot.problem, undefined);
  });

  it("has coffea-casa's address switched on for it alone, when asked", async () => {
    const switched = async (): Promise<string | undefined> =>
      started.parse(JSON.parse(await readFile(join(folder(), 'started.json'), 'utf8'))).env['SITESPAN_COFFEA_CASA'];
    for (const [asked, said] of [
      [true, '1'],
      [false, '0'],
    ] as const) {
      const one = await host(fakeKernelsHost, {}, asked);
      await one.start();
      await lookUntil(one, 'idle');
      assert.equal(await switched(), said);
      await one.end('its owner shut it down');
    }
  });

  it('is taken over by the next keeper, still running', async () => {
    const first = await host();
    await first.start();
    await lookUntil(first, 'idle');
    const kept = await keptOf(folder());
    const next = await host();
    await next.adopt();
    await lookUntil(next, 'idle');
    await next.interrupt();
    assert.deepEqual(await keptOf(folder()), kept);
  });

  it('stays dead for the next keeper when it ended meanwhile', async () => {
    const first = await host();
    await first.start();
    await lookUntil(first, 'idle');
    await first.end('its owner shut it down');
    const next = await host();
    await next.adopt();
    await next.look();
    assert.equal(next.snapshot.phase, 'dead');
  });

  it('is dead when its keeper was killed before it could start it', async () => {
    const one = await host();
    await one.adopt();
    await one.look();
    assert.equal(one.snapshot.phase, 'dead');
    assert.match(one.snapshot.problem?.message ?? '', /was not started/);
  });

  it('ends its host, which may say good-bye', async () => {
    const one = await host(`${fakeKernelsHost} process.on('exit', () => console.log('bye'));`);
    await one.start();
    await lookUntil(one, 'idle');
    await one.end('its owner shut it down');
    assert.match(await readFile(join(folder(), 'log'), 'utf8'), /bye\n$/);
    await one.look();
    assert.equal(one.snapshot.phase, 'dead');
  });
});
