import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { adoptKept, endKept, exitOf, keptOf, startKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { claimSocketPath } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { enter } from '../environment/enter.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { lastWords } from '../environment/lastWords.js';
import type { Identity } from '../relay/identity.js';
import { type KernelSnapshot, schedulerAddress } from './api.js';
import { environmentOf } from './clusterFolder.js';
import { KernelClient, type KernelState, type NotebookRequest } from './kernelClient.js';
import type { RunCell } from './throughputApi.js';

/** A host that is held up must not hold up its keeper. */
const lookMs = 5000;
const endGraceMs = 5000;
const logLimitBytes = 5_000_000;

const noCells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };

export interface KernelOptions {
  readonly id: string;
  readonly folder: string;
  readonly cwd: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether coffea-casa's address is the cluster's. */
  readonly coffeaCasa: boolean;
  /** Whose kernel it is. */
  readonly notebook?: string | undefined;
  readonly packageFolder: string;
  readonly identity: Identity;
}

/**
 * One kernel with its host: a kept process of the user's Python that owns the queue of cells and the record.
 *
 * `Client()` in it is the cluster: two variables say so, and they answer for our addresses only, so the user's own
 * `LocalCluster` still works (docs/architecture.md, "Kernels' host").
 */
export class KernelHost {
  private client: KernelClient | undefined;
  /** Whether its start has come to an end, well or not; an earlier keeper's has. */
  private begun = false;
  private last: KernelSnapshot;
  private ran: readonly RunCell[] = [];
  private ended: string | undefined;
  private unused: number | undefined;

  constructor(private options: KernelOptions) {
    this.last = this.starting;
  }

  private get starting(): KernelSnapshot {
    const { id, folder, notebook, cwd } = this.options;
    const whose = notebook === undefined ? {} : { notebook };
    return { id, folder, phase: 'starting', cells: noCells, ...whose, cwd, environment: environmentOf(this.options) };
  }

  get snapshot(): KernelSnapshot {
    return this.last;
  }

  /** The cells that have run or run, oldest first, as far as its host was asked. */
  get cells(): readonly RunCell[] {
    return this.ran;
  }

  /** Whether somebody has ended it. */
  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /** Since when it has had nothing to do and nobody has looked at it (Unix seconds); not while it is of use. */
  get unusedSince(): number | undefined {
    return this.unused;
  }

  /** It belongs to another notebook, or to the same under another name. */
  move(notebook: string): void {
    this.options = { ...this.options, notebook };
    this.last = { ...this.last, notebook };
  }

  /** Takes over the one that an earlier keeper started; it may have ended. */
  async adopt(): Promise<void> {
    this.begun = true;
  }

  async start(): Promise<void> {
    try {
      await this.launch();
    } finally {
      this.begun = true;
    }
  }

  /** Asks how it is. @returns whether that has changed */
  async look(): Promise<boolean> {
    const before = JSON.stringify(this.last);
    this.last = await this.askState();
    return JSON.stringify(this.last) !== before;
  }

  async notebook(order: NotebookRequest): Promise<void> {
    await (await this.host()).notebook(order);
  }

  async interrupt(): Promise<void> {
    await (await this.host()).interrupt();
  }

  /** A new process for the kernel; where its host has ended, a new host, which goes on with the record. */
  async restart(): Promise<void> {
    if ((await adoptKept(this.options.folder)) !== undefined) {
      await (await this.host()).restart();
      return;
    }
    this.begun = false;
    this.ended = undefined;
    this.last = this.starting;
    await this.start();
  }

  /** @param why a sentence's end: "it was ended since …" */
  async end(why: string): Promise<void> {
    this.ended = why;
    this.unused = undefined;
    await endKept(this.options.folder, { graceMs: endGraceMs });
    this.client?.dispose();
    this.client = undefined;
    this.last = this.asEnded(why);
  }

  private async host(): Promise<KernelClient> {
    this.client ??= await KernelClient.of(this.options.folder);
    return this.client;
  }

  private async launch(): Promise<void> {
    const { folder, cwd, variables, coffeaCasa, packageFolder, identity } = this.options;
    await privateFolder(folder);
    const socket = await claimSocketPath(folder);
    const identityFile = join(folder, 'identity.json');
    await writeAtomically(identityFile, JSON.stringify(identity));
    const args = ['-m', 'sitespan.kernels', '--folder', folder, '--cwd', cwd, '--socket', socket];
    const additions = {
      ...variables,
      SITESPAN_IDENTITY: identityFile,
      DASK_SCHEDULER_ADDRESS: schedulerAddress,
      DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER: 'sitespan.client.security',
      SITESPAN_COFFEA_CASA: coffeaCasa ? '1' : '0',
    };
    const folders = [folder, cwd, dirname(socket)];
    await startKept({
      folder,
      ...enter(environmentOf(this.options), packageFolder, args, { additions, folders }),
      cwd,
      logLimitBytes,
    });
  }

  private async askState(): Promise<KernelSnapshot> {
    const { folder } = this.options;
    if (this.begun && (await keptOf(folder)) === undefined) {
      return this.dead("The kernel's host on this computer was not started; start another kernel.");
    }
    const exit = await exitOf(folder);
    if (exit !== undefined) {
      this.unused = undefined;
      // It ends in order only when it is asked to, by whomever.
      const asked = this.ended ?? (exit.code === 0 ? 'it was shut down' : undefined);
      if (asked !== undefined) return this.asEnded(asked);
      const log = (await unlessAbsent(readFile(join(folder, 'log'), 'utf8'))) ?? '';
      return this.dead(`The kernel's host on this computer has ended: ${lastWords(log)}`);
    }
    const within = AbortSignal.timeout(lookMs);
    try {
      return this.said(await (await this.host()).state(within));
    } catch (error) {
      // One that ends while it is asked says `failed`.
      if (!within.aborted && !SitespanError.is(error, 'failed') && !SitespanError.is(error, 'kernel-unreachable')) {
        throw error;
      }
      // Its socket is not there before Python has started, or it must move: this tells the host where to.
      if (SitespanError.is(error, 'kernel-unreachable')) await claimSocketPath(folder);
      return this.last;
    }
  }

  private said({ kernel, cells, problem, python, active, looked }: KernelState): KernelSnapshot {
    this.ran = cellsThatRan(this.options.id, cells);
    const numbers = { ...noCells };
    for (const { status } of Object.values(cells)) numbers[status]++;
    const since = Object.values(cells).find(({ status }) => status === 'running')?.started ?? undefined;
    const isOfUse = kernel === 'busy' || kernel === 'starting';
    this.unused = isOfUse || active === undefined ? undefined : Math.max(active, looked ?? 0);
    return {
      ...this.starting,
      phase: kernel,
      cells: numbers,
      ...(problem ? { problem } : {}),
      ...(python === undefined ? {} : { python }),
      ...(active === undefined ? {} : { lastActivity: active }),
      ...(since === undefined ? {} : { runningSince: since }),
    };
  }

  private dead(message: string): KernelSnapshot {
    return { ...this.last, phase: 'dead', problem: { code: 'kernel-ended', message } };
  }

  private asEnded(why: string): KernelSnapshot {
    const { problem: _, runningSince: __, ...last } = this.last;
    return { ...last, phase: 'dead', ended: why };
  }
}

function cellsThatRan(kernel: string, cells: KernelState['cells']): RunCell[] {
  return Object.values(cells)
    .flatMap(({ status, count, started, ended }) =>
      started == null ? [] : [{ at: started, endedAt: ended ?? null, label: `[${count ?? '*'}]`, kernel, status }],
    )
    .sort((a, b) => a.at - b.at);
}
