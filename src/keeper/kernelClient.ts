import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { exitOf } from '../base/child/kept.js';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { sleep, withDeadline } from '../base/waiting.js';
import { HostSocket } from './hostSocket.js';
import { recordFile } from './recordFile.js';

const callSeconds = 30;
const pollSeconds = 30;
/** The user's Python may lie on a cold network file system. */
const startSeconds = 120;
/** How long a host that does not answer is waited for, though it has not ended. */
const patienceSeconds = 60;
const againMs = 200;

const cellStatus = z.enum(['queued', 'running', 'done', 'failed', 'skipped']);
/** What an older host does not say is optional. */
const hostCell = z.object({
  status: cellStatus,
  count: z.int().nullish(),
  /** Unix seconds. */
  started: z.number().nullish(),
  ended: z.number().nullish(),
  document: z.string().nullish(),
  /** A saved document holds how it ended. */
  seen: z.boolean().default(false),
  /** Byte of the record at which its lines begin. */
  offset: z.int().optional(),
});
const hostState = z.object({
  kernel: z.enum(['starting', 'idle', 'busy', 'dead']),
  queue: z.array(z.string()),
  cells: z.record(z.string(), hostCell),
  /** How many cells are in each state, and which runs since when (Unix seconds). */
  counts: z.record(cellStatus, z.int()).optional(),
  running: z.object({ cell: z.string(), since: z.number() }).nullish(),
  /** What the running cell asks for. */
  input: z.object({ cell: z.string().nullable(), prompt: z.string(), password: z.boolean() }).nullable(),
  notebooks: z.record(z.string(), z.object({ path: z.string(), save: z.string(), failure: z.string().nullable() })),
  offset: z.int(),
  /** When it last had to do, and when somebody last followed its record (Unix seconds). */
  active: z.number().optional(),
  looked: z.number().nullish(),
  python: z.object({ version: z.string(), executable: z.string() }).optional(),
  problem: z.object({ code: z.string(), message: z.string() }).nullish(),
});
/** A kernel as its host has it now: docs/architecture.md, "Kernels' host". */
export type KernelState = z.infer<typeof hostState>;

const notebookAnswer = z.object({
  id: z.string(),
  cells: z.array(z.object({ id: z.string(), cell: z.string(), index: z.int() })),
});
export type QueuedNotebook = z.infer<typeof notebookAnswer>;

const busyAnswer = z.object({ busy: z.literal(true) });
const completions = z.object({
  matches: z.array(z.string()),
  cursor_start: z.int(),
  cursor_end: z.int(),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
const inspection = z.object({ found: z.boolean(), data: z.record(z.string(), z.unknown()) });
/** What fits at the cursor, as Jupyter's `complete_reply` has it; offsets count Unicode characters. */
export type Completions = z.infer<typeof completions>;
/** What a name means, as Jupyter's `inspect_reply` has it. */
export type Inspection = z.infer<typeof inspection>;

/** A cell to run. */
export interface CellRequest {
  /** Made by whoever asks: asking twice is asking once. */
  readonly id: string;
  readonly source: string;
  /** The notebook it is of, and which of its cells; comes back in the record. */
  readonly document?: string;
  readonly cell?: { readonly id?: string; readonly index: number; readonly hash?: string };
}

const cellsAnswer = z.object({ queued: z.array(z.string()) });

export interface NotebookRequest {
  /** Made by whoever asks: asking twice is asking once. */
  readonly id?: string | undefined;
  /** Absolute paths: the notebook, and where the executed one is written as it goes. */
  readonly path: string;
  readonly save: string;
  /** JSON values by name, for the cell tagged `parameters`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/**
 * A kernel's host as anybody may have it: its queue, its record, its input. No keeper is needed, and any number may look
 * at once, each from an offset of its own.
 */
export class KernelClient implements Disposable {
  private readonly host: HostSocket;

  private constructor(readonly folder: string) {
    this.host = new HostSocket(folder);
  }

  /**
   * @param folder the kernel's; its host need not run (any more): the record can be followed all the same
   * @throws SitespanError `runtime-folder-unusable`
   */
  static async of(folder: string): Promise<KernelClient> {
    // Else each call would say only that nobody answers.
    await socketPath(folder);
    return new KernelClient(folder);
  }

  get id(): string {
    return basename(this.folder);
  }

  /**
   * Waits until a host that was just started answers.
   *
   * @throws SitespanError `kernel-ended` with its last words, `deadline`; the signal's reason
   */
  async answers(signal?: AbortSignal): Promise<KernelState> {
    return withDeadline(
      async (within) => {
        for (;;) {
          try {
            return await this.state(within);
          } catch (error) {
            if (!SitespanError.is(error, 'kernel-unreachable')) throw error;
          }
          if (await this.hasEnded()) throw await this.ended();
          await sleep(againMs, within);
        }
      },
      { timeoutMs: startSeconds * 1000, what: `The start of kernel ${this.id} on this computer`, signal },
    );
  }

  /** Whether its host has ended; its record stays. */
  async hasEnded(): Promise<boolean> {
    return (await exitOf(this.folder)) !== undefined;
  }

  async state(signal?: AbortSignal): Promise<KernelState> {
    return this.ask(hostState, 'GET', '/v1/state', undefined, signal);
  }

  /** The same without the cells, of which there may be thousands. */
  async briefState(signal?: AbortSignal): Promise<KernelState> {
    return this.ask(hostState, 'GET', '/v1/state?brief=1', undefined, signal);
  }

  /**
   * Queues cells, which stand and fall together: after one fails, the rest of them is skipped. Those whose id is known are
   * ignored. @returns the ids that are new
   */
  async cells(cells: readonly CellRequest[], signal?: AbortSignal): Promise<string[]> {
    return (await this.ask(cellsAnswer, 'POST', '/v1/cells', { cells }, signal)).queued;
  }

  /** Says that a saved document holds how these cells ended: nobody needs to be shown them again. */
  async seen(ids: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/cells-seen', { ids }, signal);
  }

  /** Says that a document, of which cells were run, has another name now. */
  async documentMoved(before: string, now: string, signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/document-moved', { before, now }, signal);
  }

  /** @param cursor in Unicode characters @returns `undefined` while the kernel has other things to do */
  async complete(code: string, cursor: number, signal?: AbortSignal): Promise<Completions | undefined> {
    const answer = z.union([busyAnswer, completions]);
    const said = await this.ask(answer, 'POST', '/v1/complete', { code, cursor }, signal);
    return 'busy' in said ? undefined : said;
  }

  /** @param cursor in Unicode characters @param detail 1 for the source, too @returns as `complete` does */
  async inspect(code: string, cursor: number, detail: 0 | 1, signal?: AbortSignal): Promise<Inspection | undefined> {
    const answer = z.union([busyAnswer, inspection]);
    const said = await this.ask(answer, 'POST', '/v1/inspect', { code, cursor, detail }, signal);
    return 'busy' in said ? undefined : said;
  }

  /** @throws SitespanError `not-a-notebook`, `kernel-dead`, `bad-request` */
  async notebook(wish: NotebookRequest, signal?: AbortSignal): Promise<QueuedNotebook> {
    return this.ask(notebookAnswer, 'POST', '/v1/notebook', wish, signal);
  }

  /** Answers the `input()` that waits. @throws SitespanError `no-input` where none does, or another was quicker */
  async input(value: string, signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/input', { value }, signal);
  }

  /** Interrupts the running cell and gives up the queue. */
  async interrupt(signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/interrupt', {}, signal);
  }

  /** A fresh kernel under the same host; the record goes on. */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/restart', {}, signal);
  }

  /** Ends kernel and host. */
  async shutdown(signal?: AbortSignal): Promise<void> {
    await this.ask(z.object({}), 'POST', '/v1/shutdown', {}, signal);
  }

  /** The record's whole lines from a byte on: at once, or as soon as there are some within `waitSeconds`. */
  async record(offset: number, waitSeconds: number, signal?: AbortSignal): Promise<Buffer> {
    const path = `/v1/record?offset=${offset}&timeout=${waitSeconds}`;
    return this.host.request({ method: 'GET', path, seconds: waitSeconds + callSeconds, signal });
  }

  /**
   * The record from a byte on, in chunks of whole lines, for as long as its host lives; then what is left of the file.
   * A host that does not answer for a while is waited for.
   *
   * @throws SitespanError `kernel-unreachable` when it neither answers nor has ended for a minute; the signal's reason
   */
  async *follow(offset: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    let next = offset;
    let answeredAt = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const chunk = await this.recordIfReachable(next, signal);
      if (chunk !== undefined) {
        answeredAt = performance.now();
        next += chunk.length;
        if (chunk.length > 0) yield chunk;
      } else if (await this.hasEnded()) {
        yield* recordFile(this.folder, next);
        return;
      } else if (performance.now() - answeredAt > patienceSeconds * 1000) {
        throw this.host.unreachable();
      } else {
        await sleep(againMs, signal);
      }
    }
  }

  dispose(): void {
    this.host.dispose();
  }

  private async recordIfReachable(offset: number, signal: AbortSignal): Promise<Buffer | undefined> {
    try {
      return await this.record(offset, pollSeconds, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A host that ends while it is asked says `failed`.
      const passing = ['kernel-unreachable', 'deadline', 'failed'];
      if (SitespanError.is(error) && passing.includes(error.code)) return undefined;
      throw error;
    }
  }

  private async ask<Answer extends z.ZodType>(
    answer: Answer,
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ): Promise<z.output<Answer>> {
    const asked = { method, path, seconds: callSeconds, signal, ...(body === undefined ? {} : { body }) };
    const parsed = answer.safeParse(JSON.parse((await this.host.request(asked)).toString()));
    if (parsed.success) return parsed.data;
    throw new SitespanError(
      'kernel-answer',
      `The answer of kernel ${this.id} to ${path} is of another version than this Sitespan; update Sitespan.`,
      { cause: parsed.error },
    );
  }

  private async ended(): Promise<SitespanError> {
    const log = join(this.folder, 'log');
    const said = ((await unlessAbsent(readFile(log, 'utf8'))) ?? '').trim().split('\n').at(-1);
    return new SitespanError(
      'kernel-ended',
      `The kernel ${this.id} on this computer has ended: ${said || 'it said nothing'}; its log is ${log}.`,
    );
  }
}
