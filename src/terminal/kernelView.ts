import { once } from 'node:events';
import { SitespanError } from '../base/errors.js';
import type { KernelClient } from '../keeper/kernelClient.js';
import { harmless } from '../notebook/harmless.js';
import { LiveOutput } from '../notebook/liveOutput.js';
import { QueuedNotebooks } from '../notebook/queuedNotebooks.js';
import { type RecordLine, RecordLines } from '../notebook/recordLines.js';
import { ask, canAsk } from './asking.js';

export interface ViewOptions {
  /** `ttbar/k1`. */
  readonly address: string;
  /** Byte of the record to read from; what lies before it stays unknown. */
  readonly from: number;
  /** Byte from which on it is shown. */
  readonly showFrom: number;
  /** Which lines are shown; all, unless told otherwise. */
  readonly shows?: (line: RecordLine, notebooks: QueuedNotebooks) => boolean;
}

/**
 * A kernel's record on the terminal, live: what the cells show, and what they ask, put before whoever sits there.
 *
 * It only looks: when it ends, however it ends, the kernel's host goes on.
 */
export class KernelView {
  readonly notebooks = new QueuedNotebooks();
  private readonly live: LiveOutput;
  private readonly lines: RecordLines;
  private readonly stopped = new AbortController();
  private asking: AbortController | undefined;
  private waits = false;

  constructor(
    private readonly kernel: KernelClient,
    private readonly options: ViewOptions,
  ) {
    const inPlace = process.stdout.isTTY === true;
    this.live = new LiveOutput({ inPlace, colours: inPlace && !process.env['NO_COLOR'] }, this.notebooks);
    this.lines = new RecordLines(options.from);
  }

  /** Bytes of the record that were taken in. */
  get offset(): number {
    return this.lines.offset;
  }

  /**
   * Follows until `done` says so, asked after each chunk, or until the host has ended.
   *
   * @returns whether `done` said so
   * @throws SitespanError `stopped` after `stop`, `output-closed` when nobody reads any more, `kernel-unreachable`
   */
  async until(done: () => boolean | Promise<boolean>): Promise<boolean> {
    const { signal } = this.stopped;
    const onClosed = (cause: unknown): void =>
      this.stopped.abort(new SitespanError('output-closed', 'Nobody reads the output any more.', { cause }));
    process.stdout.on('error', onClosed);
    try {
      for await (const chunk of this.kernel.follow(this.offset, signal)) {
        await this.show(chunk);
        if (await done()) return true;
        await this.mindInput();
      }
      return false;
    } finally {
      this.asking?.abort();
      process.stdout.off('error', onClosed);
    }
  }

  /** Stops looking. */
  stop(): void {
    this.stopped.abort(new SitespanError('stopped', 'Stopped looking.'));
  }

  /** Writes a sentence of ours between what the cells write. */
  note(sentence: string): void {
    process.stdout.write(this.live.note(sentence));
  }

  private async show(chunk: Buffer): Promise<void> {
    const { showFrom, shows } = this.options;
    let text = '';
    for (const { line, end } of this.lines.feed(chunk)) {
      this.notebooks.hear(line);
      this.noteInput(line);
      if (end <= showFrom) continue;
      if (shows === undefined || shows(line, this.notebooks)) text += this.live.hear(line);
    }
    // A reader that is slower than the kernel must not fill our memory.
    if (text !== '' && !process.stdout.write(text))
      await once(process.stdout, 'drain', { signal: this.stopped.signal });
  }

  private noteInput(line: RecordLine): void {
    if (line.type === 'input_request') this.waits = true;
    else if ('event' in line && ['input-answered', 'cell-ended', 'kernel-ended'].includes(line.event)) {
      this.waits = false;
      this.asking?.abort();
      this.asking = undefined;
    }
  }

  /** Puts a question to whoever sits here, once all that was said before it is read. */
  private async mindInput(): Promise<void> {
    if (!this.waits || this.asking !== undefined) return;
    const state = await this.stateIfReachable();
    // It has been answered, and the record will say so.
    if (state === undefined || state.input === null || state.offset > this.offset) return;
    const { password } = state.input;
    const prompt = harmless(state.input.prompt, { colours: false });
    this.asking = new AbortController();
    if (canAsk()) {
      process.stdout.write(this.live.promptIsShown());
      // Meanwhile the record is read on: another may answer.
      void this.answer(prompt, password, this.asking.signal);
      return;
    }
    const asked = prompt.trim() === '' ? '' : ` (“${prompt.trim()}”)`;
    this.note(
      `The cell waits for input${asked}; answer it in a terminal with: sitespan attach ${this.options.address}`,
    );
  }

  private async answer(prompt: string, isPassword: boolean, signal: AbortSignal): Promise<void> {
    try {
      await this.kernel.input(await ask(prompt, isPassword, signal));
    } catch (error) {
      // Another was quicker, or we look no longer.
      if (signal.aborted || SitespanError.is(error, 'no-input')) return;
      this.stopped.abort(error);
    }
  }

  private async stateIfReachable() {
    try {
      return await this.kernel.state(this.stopped.signal);
    } catch (error) {
      if (SitespanError.is(error, 'kernel-unreachable')) return undefined;
      throw error;
    }
  }
}
