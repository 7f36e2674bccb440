import { open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { exitOf } from '../base/child/kept.js';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { socketPath } from '../base/runtimePaths.js';
import { unlessAbsent } from '../base/systemError.js';
import { sleep, withDeadline } from '../base/waiting.js';

const callSeconds = 30;
const pollSeconds = 30;
/** The user's Python may lie on a cold network file system. */
const startSeconds = 120;
/** How long a host that does not answer is waited for, though it has not ended. */
const patienceSeconds = 60;
const againMs = 200;
const chunkBytes = 4_000_000;

const cellStatus = z.enum(['queued', 'running', 'done', 'failed', 'skipped']);
const hostState = z.object({
  kernel: z.enum(['starting', 'idle', 'busy', 'dead']),
  queue: z.array(z.string()),
  cells: z.record(z.string(), z.object({ status: cellStatus })),
  /** What the running cell asks for. */
  input: z.object({ cell: z.string().nullable(), prompt: z.string(), password: z.boolean() }).nullable(),
  notebooks: z.record(z.string(), z.object({ path: z.string(), save: z.string(), failure: z.string().nullable() })),
  offset: z.int(),
});
/** A kernel as its host has it now: docs/architecture.md, "Kernels' host". */
export type KernelState = z.infer<typeof hostState>;

const notebookAnswer = z.object({
  id: z.string(),
  cells: z.array(z.object({ id: z.string(), cell: z.string(), index: z.int() })),
});
export type QueuedNotebook = z.infer<typeof notebookAnswer>;

const cellsAnswer = z.object({ queued: z.array(z.string()) });
const hostError = z.object({ code: z.string(), message: z.string() });

export interface NotebookRequest {
  /** Made by whoever asks: asking twice is asking once. */
  readonly id: string;
  /** Absolute paths: the notebook, and where the executed one is written as it goes. */
  readonly path: string;
  readonly save: string;
  /** JSON values by name, for the cell tagged `parameters`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * A kernel's host as anybody may have it: its queue, its record, its input. No keeper is needed, and any number may look
 * at once, each from an offset of its own.
 */
export class KernelClient implements Disposable {
  private readonly agent: Agent;

  private constructor(
    readonly folder: string,
    socket: string,
  ) {
    this.agent = new Agent({ connect: { socketPath: socket }, connections: 4 });
  }

  /** @param folder the kernel's; its host need not run (any more): the record can be followed all the same */
  static async of(folder: string): Promise<KernelClient> {
    return new KernelClient(folder, await socketPath(folder));
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

  /** Queues cells; those whose id is known are ignored. @returns the ids that are new */
  async cells(
    cells: readonly { readonly id: string; readonly source: string }[],
    signal?: AbortSignal,
  ): Promise<string[]> {
    return (await this.ask(cellsAnswer, 'POST', '/v1/cells', { cells }, signal)).queued;
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
    return this.request({ method: 'GET', path, seconds: waitSeconds + callSeconds, signal });
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
        yield* this.recordOnDisk(next);
        return;
      } else if (performance.now() - answeredAt > patienceSeconds * 1000) {
        throw this.unreachable();
      } else {
        await sleep(againMs, signal);
      }
    }
  }

  dispose(): void {
    this.agent.destroy().catch(() => undefined);
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

  private async *recordOnDisk(offset: number): AsyncGenerator<Buffer, void> {
    const file = await unlessAbsent(open(join(this.folder, 'record.jsonl')));
    if (file === undefined) return;
    try {
      let rest: Buffer = Buffer.alloc(0);
      for await (const piece of file.createReadStream({ start: offset, highWaterMark: chunkBytes, autoClose: false })) {
        const data = Buffer.concat([rest, Buffer.from(piece)]);
        // A host that was killed may have left half a line.
        const end = data.lastIndexOf('\n') + 1;
        rest = data.subarray(end);
        if (end > 0) yield data.subarray(0, end);
      }
    } finally {
      await file.close();
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
    const parsed = answer.safeParse(JSON.parse((await this.request(asked)).toString()));
    if (parsed.success) return parsed.data;
    throw new SitespanError(
      'kernel-answer',
      `The answer of kernel ${this.id} to ${path} is of another version than this Sitespan; update Sitespan.`,
      { cause: parsed.error },
    );
  }

  private request({ method, path, body, seconds, signal }: Asked): Promise<Buffer> {
    return withDeadline(
      async (within) => {
        const unlessAborted = (cause: unknown): never => {
          within.throwIfAborted();
          throw this.unreachable(cause);
        };
        const answer = await request(`http://kernel${path}`, {
          dispatcher: this.agent,
          method,
          signal: within,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        }).catch(unlessAborted);
        // A host that is killed may leave half an answer.
        const said = Buffer.from(await answer.body.arrayBuffer().catch(unlessAborted));
        if (answer.statusCode === 200) return said;
        const { code, message } = hostError.parse(JSON.parse(said.toString()));
        throw new SitespanError(code, message);
      },
      { timeoutMs: seconds * 1000, what: `The answer of kernel ${this.id} on this computer`, signal },
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

  private unreachable(cause?: unknown): SitespanError {
    return new SitespanError(
      'kernel-unreachable',
      `The host of kernel ${this.id} on this computer does not answer; its log is ${join(this.folder, 'log')}.`,
      { cause },
    );
  }
}
