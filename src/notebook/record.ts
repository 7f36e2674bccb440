import { z } from 'zod';
import { CellOutputs } from './cellOutputs.js';
import type { Output } from './outputs.js';
import { type HostLine, type MessageLine, type RecordLine, RecordLines } from './recordLines.js';

const executeInput = z.object({ execution_count: z.int() });
const inputRequest = z.object({ prompt: z.string(), password: z.boolean().default(false) });

export type CellStatus = 'queued' | 'running' | 'done' | 'failed' | 'skipped';

/** What the record says of a cell; times are Unix milliseconds. */
export interface RecordedCell {
  readonly id: string;
  readonly status: CellStatus;
  readonly count: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** It waits for a line from a person. */
  readonly prompt: { readonly text: string; readonly password: boolean } | undefined;
  readonly outputs: readonly Output[];
}

interface Folding extends Omit<RecordedCell, 'outputs'> {
  readonly heard: CellOutputs;
}

/**
 * A kernel's record, folded as it is read: what became of every cell, and what each has shown.
 *
 * Feed it the bytes from `offset` on, in pieces of any size: a line cut in two waits for its rest. Where the same bytes
 * are read again after a loss, ask for them from `offset`.
 */
export class KernelRecord {
  private readonly folding = new Map<string, Folding>();
  private readonly lines: RecordLines;
  private readonly saidByHost: string[] = [];

  /** @param offset where the bytes begin that will be fed; cells that ended before it stay unknown. */
  constructor(offset = 0) {
    this.lines = new RecordLines(offset);
  }

  /** Bytes taken in, whole lines only: where to read on. */
  get offset(): number {
    return this.lines.offset;
  }

  /** In the order they were queued. */
  get cells(): readonly RecordedCell[] {
    return [...this.folding.values()].map(({ heard, ...cell }) => ({ ...cell, outputs: heard.all }));
  }

  /** What the host had to tell a person, such as why the kernel ended. */
  get notes(): readonly string[] {
    return this.saidByHost;
  }

  feed(bytes: Uint8Array): void {
    for (const { line } of this.lines.feed(bytes)) this.take(line);
  }

  /** Forgets a line that was fed in part: the next bytes are those from `offset` on. */
  resume(): void {
    this.lines.resume();
  }

  private take(line: RecordLine): void {
    if ('event' in line) this.takeEvent(line);
    else this.takeMessage(line);
  }

  private takeEvent({ t, cell, event, status, message }: HostLine): void {
    if (message !== undefined) this.saidByHost.push(message);
    if (cell === null) return;
    const at = t * 1000;
    switch (event) {
      case 'cell-queued':
        this.change(cell, { status: 'queued' });
        break;
      case 'cell-started':
        this.change(cell, { status: 'running', startedAt: at });
        break;
      case 'cell-ended':
        this.change(cell, { status: status === 'done' ? 'done' : 'failed', endedAt: at, prompt: undefined });
        break;
      case 'cell-skipped':
        this.change(cell, { status: 'skipped' });
        break;
      case 'input-answered':
        this.change(cell, { prompt: undefined });
        break;
    }
  }

  private takeMessage({ cell, type, content }: MessageLine): void {
    if (type === 'update_display_data') {
      for (const { heard } of this.folding.values()) heard.update(content);
    } else if (cell !== null) {
      if (type === 'execute_input') this.change(cell, { count: executeInput.safeParse(content).data?.execution_count });
      if (type === 'input_request') {
        const asked = inputRequest.safeParse(content).data;
        if (asked) this.change(cell, { prompt: { text: asked.prompt, password: asked.password } });
      }
      this.cell(cell).heard.hear(type, content);
    }
  }

  private cell(id: string): Folding {
    const known = this.folding.get(id);
    if (known !== undefined) return known;
    const times = { count: undefined, startedAt: undefined, endedAt: undefined };
    // A reader that starts in the middle meets a cell by its output.
    const fresh: Folding = { id, status: 'running', ...times, prompt: undefined, heard: new CellOutputs() };
    this.folding.set(id, fresh);
    return fresh;
  }

  private change(id: string, change: Partial<Omit<Folding, 'id' | 'heard'>>): void {
    this.folding.set(id, { ...this.cell(id), ...change });
  }
}
