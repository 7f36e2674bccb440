import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { adoptKept, endKept, exitOf, keptOf, startKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { privateFolder } from '../base/privateFolder.js';
import { claimSocketPath, socketPath } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { withDeadline } from '../base/waiting.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { enter } from '../environment/enter.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { lastWords } from '../environment/lastWords.js';
import type { Identity } from '../relay/identity.js';
import type { KernelSnapshot } from './api.js';
import { clientVariables } from './clientVariables.js';
import { environmentOf } from './clusterFolder.js';

const callSeconds = 30;
const endGraceMs = 5000;
const logLimitBytes = 5_000_000;

const hostState = z.object({
  kernel: z.enum(['starting', 'idle', 'busy', 'dead']),
  cells: z.record(z.string(), z.object({ status: z.enum(['queued', 'running', 'done', 'failed', 'skipped']) })),
  problem: z.object({ code: z.string(), message: z.string() }).nullish(),
});
const noCells = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 };
const hostError = z.object({ code: z.string(), message: z.string() });

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
  readonly packageFolder: string;
  readonly identity: Identity;
}

/** A notebook to run: absolute paths, and what to set in it. */
export interface NotebookOrder {
  readonly path: string;
  readonly save: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly id?: string | undefined;
}

/**
 * One kernel with its host: a kept process of the user's Python that owns the queue of cells and the record.
 */
export class KernelHost {
  private agent: Agent | undefined;
  private socket: string | undefined;
  /** Whether its start has come to an end, well or not; an earlier keeper's has. */
  private begun = false;
  private last: KernelSnapshot;

  constructor(private readonly options: KernelOptions) {
    this.last = this.starting;
  }

  private get starting(): KernelSnapshot {
    return { id: this.options.id, folder: this.options.folder, phase: 'starting', cells: noCells };
  }

  get snapshot(): KernelSnapshot {
    return this.last;
  }

  /** Takes over the one that an earlier keeper started; it may have ended. */
  async adopt(): Promise<void> {
    await this.connect();
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

  async notebook(order: NotebookOrder): Promise<void> {
    await this.call('POST', '/v1/notebook', order);
  }

  async interrupt(): Promise<void> {
    await this.call('POST', '/v1/interrupt', {});
  }

  /** A new process for the kernel; where its host has ended, a new host, which goes on with the record. */
  async restart(): Promise<void> {
    if ((await adoptKept(this.options.folder)) !== undefined) {
      await this.call('POST', '/v1/restart', {});
      return;
    }
    this.begun = false;
    this.last = this.starting;
    await this.start();
  }

  async end(): Promise<void> {
    await endKept(this.options.folder, { graceMs: endGraceMs });
    await this.agent?.destroy();
    this.agent = undefined;
    this.socket = undefined;
  }

  private async connect(): Promise<void> {
    const path = await socketPath(this.options.folder);
    if (path === this.socket) return;
    const before = this.agent;
    this.agent = new Agent({ connect: { socketPath: path }, connections: 4 });
    this.socket = path;
    await before?.destroy();
  }

  private async launch(): Promise<void> {
    const { folder, cwd, variables, coffeaCasa, packageFolder, identity } = this.options;
    await privateFolder(folder);
    const socket = await claimSocketPath(folder);
    await this.connect();
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
      ...enter(environmentOf(this.options), packageFolder, args, { additions, folders }),
      cwd,
      logLimitBytes,
    });
  }

  private async askState(): Promise<KernelSnapshot> {
    const { id, folder } = this.options;
    if (this.begun && (await keptOf(folder)) === undefined) {
      return this.dead("The kernel's host on this computer was not started; start another kernel.");
    }
    if ((await exitOf(folder)) !== undefined) {
      const log = (await unlessAbsent(readFile(join(folder, 'log'), 'utf8'))) ?? '';
      return this.dead(`The kernel's host on this computer has ended: ${lastWords(log)}`);
    }
    try {
      const { kernel, cells, problem } = hostState.parse(await this.call('GET', '/v1/state'));
      const numbers = { ...noCells };
      for (const { status } of Object.values(cells)) numbers[status]++;
      return { id, folder, phase: kernel, cells: numbers, ...(problem ? { problem } : {}) };
    } catch (error) {
      if (!SitespanError.is(error, 'kernel-unreachable')) throw error;
      // Its socket is not there before Python has started, or it must move: this tells the host where to.
      await claimSocketPath(folder);
      await this.connect();
      return this.last;
    }
  }

  private dead(message: string): KernelSnapshot {
    return { ...this.last, phase: 'dead', problem: { code: 'kernel-ended', message } };
  }

  private async call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const { agent } = this;
    if (agent === undefined) throw this.unreachable();
    return withDeadline(
      async (signal) => {
        const answer = await request(`http://kernel${path}`, {
          dispatcher: agent,
          method,
          signal,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        }).catch((cause: unknown) => {
          throw this.unreachable(cause);
        });
        const said = await answer.body.json();
        if (answer.statusCode === 200) return said;
        const { code, message } = hostError.parse(said);
        throw new SitespanError(code, message);
      },
      { timeoutMs: callSeconds * 1000, what: `The answer of kernel ${this.options.id} on this computer` },
    );
  }

  private unreachable(cause?: unknown): SitespanError {
    return new SitespanError(
      'kernel-unreachable',
      `The kernel's host on this computer does not answer; its log is ${join(this.options.folder, 'log')}.`,
      { cause },
    );
  }
}
