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
import type { KernelSnapshot } from './api.js';
import { clientVariables } from './clientVariables.js';
import { environmentOf } from './clusterFolder.js';
import { KernelClient, type KernelState, type NotebookRequest } from './kernelClient.js';
import type { RunCell } from './throughputApi.js';

/** A host that is held up must not hold up its keeper. */
const lookMs = 5000;
const endGraceMs = 5000;
const logLimitBytes = 5_000_000;

const noCells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };

/** What is known of a kernel for as long as there is one. */
export interface KernelAbout {
  readonly id: string;
  readonly cwd: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  readonly variables: Record<string, string>;
  /** Whether coffea-casa's address is the cluster's. */
  readonly coffeaCasa: boolean;
  /** Whose kernel it is. */
  readonly notebook?: string | undefined;
}

/** What it gets of its cluster. */
export interface KernelSurroundings {
  readonly folder: string;
  readonly packageFolder: string;
  readonly identity: Identity;
}

/**
 * One kernel with its host: a kept process of the user's Python that owns the queue of cells and the record.
 */
export class KernelHost {
  private client: KernelClient | undefined;
  /** Whether its start has come to an end, well or not; an earlier keeper's has. */
  private begun = false;
  private last: KernelSnapshot;
  private ran: readonly RunCell[] = [];
  private told = '';
  private ended: string | undefined;
  private unused: number | undefined;

  constructor(
    private knownAs: KernelAbout,
    private readonly around: KernelSurroundings,
  ) {
    this.last = this.starting;
  }

  get about(): KernelAbout {
    return this.knownAs;
  }

  private get starting(): KernelSnapshot {
    const { id, notebook, cwd } = this.about;
    const whose = notebook === undefined ? {} : { notebook };
    const environment = environmentOf(this.about);
    return { id, folder: this.around.folder, phase: 'starting', cells: noCells, ...whose, cwd, environment };
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

  /** Makes it another notebook's: also what has been run from its notebook so far. */
  async assign(notebook: string): Promise<void> {
    const before = this.about.notebook;
    this.knownAs = { ...this.about, notebook };
    this.last = { ...this.last, notebook };
    const isKept = (await adoptKept(this.around.folder)) !== undefined;
    if (before !== undefined && isKept) await (await this.host()).documentMoved(before, notebook);
  }

  /** A new process for the kernel; where its host has ended, a new host, which goes on with the record. */
  async restart(): Promise<void> {
    if ((await adoptKept(this.around.folder)) !== undefined) {
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
    await endKept(this.around.folder, { graceMs: endGraceMs });
    this.client?.dispose();
    this.client = undefined;
    this.last = this.asEnded(why);
  }

  private async host(): Promise<KernelClient> {
    this.client ??= await KernelClient.of(this.around.folder);
    return this.client;
  }

  private async launch(): Promise<void> {
    const { cwd, variables, coffeaCasa } = this.about;
    const { folder, packageFolder, identity } = this.around;
    await privateFolder(folder);
    const socket = await claimSocketPath(folder);
    const identityFile = join(folder, 'identity.json');
    await writeAtomically(identityFile, JSON.stringify(identity));
    const args = ['-m', 'sitespan.kernels', '--folder', folder, '--cwd', cwd, '--socket', socket];
    const additions = {
      ...variables,
      ...clientVariables(identityFile),
      SITESPAN_COFFEA_CASA: coffeaCasa ? '1' : '0',
    };
    const folders = [folder, cwd, dirname(socket)];
    await startKept({
      folder,
      ...enter(environmentOf(this.about), packageFolder, args, { additions, folders }),
      cwd,
      logLimitBytes,
    });
  }

  private async askState(): Promise<KernelSnapshot> {
    const { folder } = this.around;
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
      const host = await this.host();
      const state = await host.briefState(within);
      // All cells, of which there may be thousands, only when one has begun or ended.
      const told = JSON.stringify([state.counts, state.running]);
      if (told !== this.told) {
        this.ran = cellsThatRan(this.about.id, (await host.state(within)).cells);
        this.told = told;
      }
      return this.said(state);
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

  private said({ kernel, counts, running, problem, python, active, looked }: KernelState): KernelSnapshot {
    const isOfUse = kernel === 'busy' || kernel === 'starting';
    this.unused = isOfUse || active === undefined ? undefined : Math.max(active, looked ?? 0);
    return {
      ...this.starting,
      phase: kernel,
      cells: { ...noCells, ...counts },
      ...(problem ? { problem } : {}),
      ...(python === undefined ? {} : { python }),
      ...(active === undefined ? {} : { lastActivity: active }),
      ...(running ? { runningSince: running.since } : {}),
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
