import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { KernelClient } from '../keeper/kernelClient.js';
import { KernelRecord, type RecordedCell, type RecordedPhase } from './record.js';

const defaultBatchMs = 80;
/** A shorter record is read from its beginning; of a longer one, only from the first cell that no saved document holds. */
const readWholeBytes = 8_000_000;

export interface LiveRunsOptions {
  /** Byte of the record to read from; chosen by what saved documents hold already, unless given. */
  readonly from?: number;
  /** What changes within so long is one event. */
  readonly batchMs?: number;
  /** Where a listener's exception goes. */
  readonly onListenerError: (error: unknown) => void;
}

/**
 * A kernel's cells as its record tells them, live: which cell of which document each is, how it stands, what it shows.
 *
 * It only looks. Whoever has lost sight of a kernel, because its window was reloaded, makes another and knows all again:
 * what was said meanwhile is in the record (docs/kernels.md, "Following a kernel").
 */
export class LiveRuns implements Disposable {
  /** Something about the cells or the kernel has changed; at most one event a batch. */
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly stopped = new AbortController();
  private readonly batchMs: number;
  private readonly caughtUp: Promise<void>;
  private record = new KernelRecord();
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  private trouble: SitespanError | undefined;
  private catchUp: () => void = () => undefined;
  /** How far the record went when this began to look. */
  private goal = Number.POSITIVE_INFINITY;

  /** @param kernel remains its owner's, who disposes it after this */
  constructor(
    private readonly kernel: KernelClient,
    private readonly options: LiveRunsOptions,
  ) {
    this.batchMs = options.batchMs ?? defaultBatchMs;
    this.changed = new Emitter(options.onListenerError);
    this.onDidChange = this.changed.event;
    this.caughtUp = new Promise((resolve) => {
      this.catchUp = resolve;
    });
    void this.follow();
  }

  /** In the order they were queued. A cell is the same object for as long as nothing about it has changed. */
  get cells(): readonly RecordedCell[] {
    return this.record.cells;
  }

  cell(id: string): RecordedCell | undefined {
    return this.record.cell(id);
  }

  /** How the kernel is. */
  get phase(): RecordedPhase {
    return this.record.phase;
  }

  /** What the host had to tell a person, such as why the kernel ended. */
  get notes(): readonly string[] {
    return this.record.notes;
  }

  /** Bytes of the record that were taken in. */
  get offset(): number {
    return this.record.offset;
  }

  /** Whether its host has ended, or cannot be followed any more: then nothing changes here. */
  get over(): boolean {
    return this.isOver;
  }

  /** Why it cannot be followed, where its host has not simply ended. */
  get problem(): SitespanError | undefined {
    return this.trouble;
  }

  /** Resolves when all is known that was in the record when this began to look, or when it is over. */
  ready(): Promise<void> {
    return this.caughtUp;
  }

  dispose(): void {
    this.stopped.abort(new SitespanError('stopped', `Kernel ${this.kernel.id} is not followed any more.`));
    clearTimeout(this.timer);
    this.timer = undefined;
    this.changed.dispose();
    this.catchUp();
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopped;
    try {
      this.record = new KernelRecord(await this.begin(signal));
      this.lookUp();
      for await (const chunk of this.kernel.follow(this.record.offset, signal)) {
        this.record.feed(chunk);
        this.lookUp();
        this.fireSoon();
      }
      this.record.giveUp();
    } catch (error) {
      if (signal.aborted) return;
      this.trouble = SitespanError.is(error) ? error : followFailed(this.kernel.id, error);
    }
    this.isOver = true;
    this.catchUp();
    this.fireSoon();
  }

  /** Where to begin; also learns how much there is to be caught up with. */
  private async begin(signal: AbortSignal): Promise<number> {
    const state = await this.kernel.state(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (SitespanError.is(error) && ['kernel-unreachable', 'deadline', 'failed'].includes(error.code))
        return undefined;
      throw error;
    });
    if (state === undefined) {
      // It has ended, and all of its record is read; or it is only starting, and there is none.
      this.goal = (await this.kernel.hasEnded()) ? Number.POSITIVE_INFINITY : 0;
      return this.options.from ?? 0;
    }
    this.goal = state.offset;
    const unseen = Object.values(state.cells).filter(({ seen }) => !seen);
    const first = Math.min(state.offset, ...unseen.map(({ offset }) => offset ?? 0));
    return this.options.from ?? (state.offset <= readWholeBytes ? 0 : first);
  }

  private lookUp(): void {
    if (this.record.offset >= this.goal) this.catchUp();
  }

  private fireSoon(): void {
    if (this.stopped.signal.aborted) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire();
    }, this.batchMs);
  }
}

function followFailed(id: string, cause: unknown): SitespanError {
  return new SitespanError('kernel-unreadable', `The record of kernel ${id} on this computer cannot be read.`, {
    cause,
  });
}
