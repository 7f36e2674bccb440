import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptOf } from '../../../src/base/child/kept.js';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { until } from '../../../src/base/waiting.js';
import type { EnvironmentSpec } from '../../../src/environment/environmentSpec.js';
import { type ClusterSnapshot, calls, type LifeSnapshot } from '../../../src/keeper/api.js';
import { KeeperClient } from '../../../src/keeper/client.js';
import { createCluster, findCluster, type NewCluster } from '../../../src/keeper/clusters.js';
import { runNotebook, waitFor } from '../../../src/notebook/runNotebook.js';
import { SecretWatch } from '../security/secretWatch.js';

export const root = join(import.meta.dirname, '..', '..', '..');
export const python = join(root, '.venv', 'bin', 'python');
export const example = join(root, 'examples', 'agc-ttbar');

/** Long enough for a machine that is busy with something else, too. */
const patienceMs = 60_000;

/** State and runtime folders of their own, so that a test neither sees nor touches the user's clusters. */
export class Home {
  private readonly before = { ...process.env };
  private readonly secrets: SecretWatch;

  private constructor(readonly folder: string) {
    this.secrets = new SecretWatch(folder);
    process.env['XDG_STATE_HOME'] = join(folder, 'state');
    process.env['XDG_RUNTIME_DIR'] = join(folder, 'run');
  }

  static async make(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'sitespan-')));
  }

  /** @throws AssertionError where a secret of its clusters lies where it must not (docs/security.md) */
  async remove(): Promise<void> {
    const leaks = await this.secrets.stop();
    for (const name of ['HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR']) {
      const value = this.before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(this.folder, { recursive: true, force: true });
    assert.deepEqual(leaks, [], 'secrets where they must not be');
  }
}

/** A real cluster on this computer: two sites, real processes, the bundle that users get. */
export class ClusterRig {
  private constructor(
    readonly client: KeeperClient,
    private readonly work: string,
  ) {}

  static async make(wish: Partial<NewCluster> = {}): Promise<ClusterRig> {
    const folder = await createCluster({
      name: 'test',
      python,
      bundle: join(root, 'dist'),
      localSites: ['north', 'south'].map((name) => ({ name, slots: 16, enter: [] })),
      ...wish,
    });
    const client = await KeeperClient.connect(folder, (error) => {
      throw error;
    });
    client.watch();
    return new ClusterRig(client, await mkdtemp(join(tmpdir(), 'sitespan-run-')));
  }

  /** The one of that name, as another process made it. */
  static async attach(name: string): Promise<ClusterRig> {
    const client = await KeeperClient.connect(await findCluster(name), (error) => {
      throw error;
    });
    client.watch();
    return new ClusterRig(client, await mkdtemp(join(tmpdir(), 'sitespan-run-')));
  }

  async addPool(workers: number, name = 'main'): Promise<void> {
    await this.client.call(calls.createPool, { name, sites: ['north', 'south'], python });
    await this.scale(workers, name);
  }

  /** Waits until just so many work. */
  async scale(workers: number, pool = 'main'): Promise<void> {
    await this.client.call(calls.scalePool, { pool, workers });
    await this.settled(workers, pool);
  }

  /** Waits until just so many work, and none is on its way out. */
  async settled(workers: number, pool = 'main'): Promise<void> {
    await this.when((snapshot) => {
      const lives = snapshot.pools.find(({ name }) => name === pool)?.lives ?? {};
      return (lives.working ?? 0) === workers && (lives.draining ?? 0) === 0;
    });
  }

  when(wished: (snapshot: ClusterSnapshot) => boolean): Promise<ClusterSnapshot> {
    return waitFor(this.client, AbortSignal.timeout(patienceMs), wished);
  }

  /** Runs Python source as a notebook of one cell, in a kernel of the cluster. @returns what it left in `result` */
  async run(
    source: string,
    variables: Readonly<Record<string, string>> = {},
    cwd = this.work,
    timeoutMs = 2 * patienceMs,
    environment?: EnvironmentSpec,
  ): Promise<unknown> {
    const name = `run-${process.hrtime.bigint()}`;
    const [path, save, result] = [`${name}.ipynb`, `${name}-executed.ipynb`, `${name}.json`].map((file) =>
      join(this.work, file),
    );
    if (path === undefined || save === undefined || result === undefined) throw new Error('three paths');
    const written = `${source}\nimport json\nwith open(${JSON.stringify(result)}, "w") as file:\n    json.dump(result, file)\n`;
    const cell = { cell_type: 'code', id: 'cell', metadata: {}, source: written, outputs: [], execution_count: null };
    await writeFile(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
    const kernel = await this.client.call(calls.startKernel, { cwd, variables: { ...variables }, environment });
    try {
      await runNotebook(this.client, { kernel: kernel.id, path, save, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      const said = await readFile(save, 'utf8').catch(() => '');
      throw new Error(`${String(error)}\n${said.slice(-3000)}`);
    }
    return JSON.parse(await readFile(result, 'utf8'));
  }

  lives(): Promise<LifeSnapshot[]> {
    return this.client.call(calls.listLives, {});
  }

  /** Kills a kept child of the cluster as a broken machine would: all of its group, at once. */
  async kill(...place: string[]): Promise<void> {
    const kept = await keptOf(join(this.client.folder.path, ...place));
    if (kept === undefined) throw new Error(`nothing was started in ${place.join('/')}`);
    process.kill(-kept.mark.pid, 'SIGKILL');
  }

  /** Closes it if it is open, and waits until its keeper has gone. */
  async close(): Promise<void> {
    await until(
      async () => {
        if (await this.client.hasEnded()) return true;
        // Again and again: a keeper that a test has killed may not have heard it.
        await this.client.call(calls.closeCluster, {}).catch(() => undefined);
        return false;
      },
      { timeoutMs: patienceMs, everyMs: 200, what: 'The end of the cluster' },
    );
    this.client.dispose();
    await rm(this.work, { recursive: true, force: true });
  }
}

/** Runs one of the example's programs to its end. */
export async function runExample(program: string, ...args: string[]): Promise<void> {
  const done = await runLeashed({ command: python, args: [join(example, program), ...args], timeoutMs: 120_000 });
  if (done.exitCode !== 0) throw new Error(`${program} ended with ${done.exitCode}: ${done.stderr}`);
}

/** `pid command` of every process that has `folder` in its command line. */
export function processesOf(folder: string): string[] {
  return execFileSync('ps', ['-ww', '-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes(folder) && !line.startsWith(`${process.pid} `));
}
