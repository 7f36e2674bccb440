import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runLeashed } from '../base/child/leashed.js';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { writeFigures } from '../notebook/figures.js';
import { runNotebook, waitFor } from '../notebook/runNotebook.js';
import { closeCluster } from '../owner/closeCluster.js';
import { makeCluster } from '../owner/openCluster.js';
import { liveLines } from './liveView.js';
import { Phases } from './phases.js';
import { newRunFolder, writeRun } from './runFolder.js';
import { runTables } from './runTables.js';
import { Screen } from './screen.js';

const inputsFile = 'inputs.json';
const makeDataMs = 600_000;
const showEveryMs = 200;
const manySlots = 64;

const inputs = z.record(z.string(), z.record(z.string(), z.object({ nevts_total: z.int() })));

/** `npm start`: the whole of it on this computer. @returns the exit code: 0, or 130 after Ctrl-C */
export async function runDemo(argv: readonly string[]): Promise<number> {
  const program = resolve(process.argv[1] ?? '');
  const bundle = dirname(program);
  const root = dirname(bundle);
  const { values } = parseArgs({
    args: [...argv],
    options: {
      workers: { type: 'string', default: '2' },
      data: { type: 'string', default: join(root, 'data', 'agc-ttbar') },
      runs: { type: 'string', default: join(root, 'runs') },
      python: { type: 'string', default: join(root, '.venv', 'bin', 'python') },
    },
  });
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > 2 * manySlots) {
    throw new SitespanError('usage', `--workers must be a number from 1 to ${2 * manySlots}, not ${values.workers}.`);
  }
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new SitespanError('stopped', 'Stopped.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const screen = new Screen(process.stdout);
  const demo = new Demo(screen, new Phases(screen), stopped.signal, {
    ...values,
    workers,
    root,
    bundle,
    data: resolve(values.data),
    // As a shell reads it: with a slash it is a path, from the folder one is in.
    python: values.python.includes('/') ? resolve(values.python) : values.python,
  });
  try {
    await demo.run();
    return 0;
  } catch (error) {
    if (!SitespanError.is(error, 'stopped')) throw error;
    screen.print('Stopped; nothing is left running.');
    return 130;
  }
}

interface DemoOptions {
  readonly workers: number;
  readonly data: string;
  readonly runs: string;
  readonly python: string;
  readonly root: string;
  readonly bundle: string;
}

class Demo {
  private readonly example: string;
  private readonly notebook: string;

  constructor(
    private readonly screen: Screen,
    private readonly phases: Phases,
    private readonly signal: AbortSignal,
    private readonly options: DemoOptions,
  ) {
    this.example = join(options.root, 'examples', 'agc-ttbar');
    this.notebook = join(this.example, 'ttbar.ipynb');
  }

  async run(): Promise<void> {
    await this.phases.run('data', () => this.makeData());
    const client = await this.phases.run('cluster', () => this.makeCluster());
    let ended = false;
    try {
      await this.runOn(client);
      await this.end(client);
      ended = true;
    } finally {
      if (!ended)
        await this.end(client).catch((error: unknown) =>
          this.screen.print(`The cluster could not be ended: ${String(error)}`),
        );
      client.dispose();
    }
  }

  private async makeData(): Promise<void> {
    const { python, data } = this.options;
    // Somebody's own files are not ours to replace.
    if ((await unlessAbsent(stat(join(data, inputsFile)))) !== undefined) return;
    const made = await runLeashed({
      command: python,
      args: [join(this.example, 'make_data.py'), data],
      timeoutMs: makeDataMs,
      signal: this.signal,
    });
    if (made.exitCode !== 0) {
      throw new SitespanError(
        'data-failed',
        `The data could not be made in ${data}: ${made.stderr.trim().split('\n').at(-1) ?? ''}`,
      );
    }
  }

  /** The next free name: two demonstrations at once are two clusters. */
  private async makeCluster(): Promise<KeeperClient> {
    const { python, bundle } = this.options;
    const localSites = ['north', 'south'].map((name) => ({ name, slots: manySlots, enter: [] }));
    for (let number = 1; ; number++) {
      try {
        const name = number === 1 ? 'ttbar' : `ttbar-${number}`;
        const onListenerError = (error: unknown): void => this.screen.print(String(error));
        const making = { onlyNew: true, onListenerError, signal: this.signal };
        const { client } = await makeCluster({ name, python, bundle, localSites }, making);
        client.watch();
        return client;
      } catch (error) {
        if (!SitespanError.is(error, 'cluster-exists') || number === 100) throw error;
      }
    }
  }

  private async runOn(client: KeeperClient): Promise<void> {
    const { options, signal, phases } = this;
    const folder = await newRunFolder(options.runs);
    const events = await this.eventsInAll();
    const begun = phases.seconds;
    const timer = setInterval(() => {
      const { snapshot } = client;
      if (snapshot !== undefined) this.screen.show(liveLines(snapshot, { events }, phases.seconds));
    }, showEveryMs);
    try {
      const pool = { name: 'main', sites: ['north', 'south'], python: options.python };
      await client.call(calls.createPool, pool, signal);
      await client.call(calls.scalePool, { pool: pool.name, workers: options.workers, confirmed: true }, signal);
      const variables = { AGC_DATA: options.data, AGC_RESULTS: join(folder, 'results.json') };
      const kernel = await client.call(calls.startKernel, { cwd: this.example, variables }, signal);
      const moments = this.noteMoments(client, begun);
      const save = join(folder, basename(this.notebook));
      const ran = runNotebook(client, { kernel: kernel.id, path: this.notebook, save, signal });
      await Promise.all([ran, Promise.race([moments, ran])]);
      phases.note('notebook, from the first worker asked for to the last cell', phases.seconds - begun);
    } finally {
      clearInterval(timer);
    }
    await this.writeResults(client, folder);
  }

  private async noteMoments(client: KeeperClient, begun: number): Promise<void> {
    await waitFor(client, this.signal, (snapshot) => snapshot.sites.some((site) => (site.lives['working'] ?? 0) > 0));
    this.phases.note('until the first worker works', this.phases.seconds - begun);
    await waitFor(client, this.signal, (snapshot) => snapshot.total.events > 0);
    this.phases.note('until the first events', this.phases.seconds - begun);
  }

  private async writeResults(client: KeeperClient, folder: string): Promise<void> {
    const snapshot = await client.call(calls.clusterState, {}, this.signal);
    const series = await client.call(calls.throughputSeries, {}, this.signal);
    const trouble = await this.phases.run('results', async () => {
      await writeFigures(join(folder, basename(this.notebook)), folder);
      const { python, bundle } = this.options;
      const record = {
        notebook: basename(this.notebook),
        seconds: this.phases.seconds,
        phases: this.phases.all,
        snapshot,
        series,
      };
      return writeRun(folder, record, { interpreter: python, packageFolder: join(bundle, 'python') });
    });
    this.screen.print();
    for (const line of runTables(snapshot)) this.screen.print(line);
    this.screen.print();
    if (trouble !== undefined) this.screen.print(trouble);
    this.screen.print(`Results, executed notebook and plots: ${folder}`);
    this.screen.print('The same in VS Code, on a cluster that you make there: npm run vscode opens the example.');
  }

  private async end(client: KeeperClient): Promise<void> {
    const begun = this.phases.seconds;
    this.screen.clear();
    if (!(await client.hasEnded())) await closeCluster(client);
    this.phases.note('end of the cluster', this.phases.seconds - begun);
  }

  private async eventsInAll(): Promise<number> {
    const processes = inputs.parse(JSON.parse(await readFile(join(this.options.data, inputsFile), 'utf8')));
    return Object.values(processes)
      .flatMap((variations) => Object.values(variations))
      .reduce((sum, { nevts_total }) => sum + nevts_total, 0);
  }
}
