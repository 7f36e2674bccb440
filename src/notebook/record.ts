import { z } from 'zod';
import { CellOutputs } from './cellOutputs.js';
import type { Output } from './outputs.js';
import { type CellPlace, type HostLine, type MessageLine, type RecordLine, RecordLines } from './recordLines.js';

const executeInput = z.object({ execution_count: z.int() });
const inputRequest = z.object({ prompt: z.string(), password: z.boolean().default(false) });

export type CellStatus = 'queued' | 'running' | 'done' | 'failed' | 'skipped';

/** What the record says of a cell; times are Unix milliseconds. */
export interface RecordedCell {
  readonly id: string;
  /** The notebook it was run from, and which of its cells it is, in the words of whoever asked. */
  readonly document: string | undefined;
  readonly place: CellPlace | undefined;
  readonly status: CellStatus;
  readonly count: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** A saved document holds how it ended. */
  readonly seen: boolean;
  /** It waits for a line from a person. */
  readonly prompt: { readonly text: string; readonly password: boolean } | undefined;
  /** The same array, and in it the same objects, for as long as they have not changed. */
  readonly outputs: readonly Output[];
  /** How often they have changed. */
  readonly outputsVersion: number;
}

/** How the kernel is, as far as the record tells. */
export type RecordedPhase = 'starting' | 'ready' | 'ended';

interface Folding {
  said: Omit<RecordedCell, 'outputs' | 'outputsVersion'>;
  readonly heard: CellOutputs;
  /** What was given out last, until something changes. */
  snapshot: RecordedCell | undefined;
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
  private is: RecordedPhase = 'starting';
  private lastAt: number | undefined;

  /** @param offset where the bytes begin that will be fed; cells that ended before it stay unknown. */
  constructor(offset = 0) {
    this.lines = new RecordLines(offset);
  }

  /** Bytes taken in, whole lines only: where to read on. */
  get offset(): number {
    return this.lines.offset;
  }

  /** In the order they were queued; the same object for each that has not changed. */
  get cells(): readonly RecordedCell[] {
    return [...this.folding.values()].map(snapshotOf);
  }

  cell(id: string): RecordedCell | undefined {
    const found = this.folding.get(id);
    return found && snapshotOf(found);
  }

  get phase(): RecordedPhase {
    return this.is;
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

  /** The host has ended, perhaps without a word: what it still had to run will not be run. */
  giveUp(): void {
    this.is = 'ended';
    for (const { said } of this.folding.values()) {
      if (said.status === 'running')
        this.change(said.id, { status: 'failed', endedAt: this.lastAt, prompt: undefined });
      else if (said.status === 'queued') this.change(said.id, { status: 'skipped' });
    }
  }

  private take(line: RecordLine): void {
    if ('event' in line) this.takeEvent(line);
    else this.takeMessage(line);
    this.lastAt = line.t * 1000;
  }

  private takeEvent(line: HostLine): void {
    const { cell, event, message, cells, before, document } = line;
    if (message !== undefined) this.saidByHost.push(message);
    if (cell !== null) {
      this.takeCellEvent(cell, line);
      return;
    }
    switch (event) {
      case 'host-started':
        // The one before it may have been killed.
        this.giveUp();
        break;
      case 'kernel-starting':
      case 'kernel-restarting':
        this.is = 'starting';
        break;
      case 'kernel-ready':
        this.is = 'ready';
        break;
      case 'kernel-ended':
        this.is = 'ended';
        break;
      case 'document-moved':
        for (const { said } of this.folding.values()) {
          if (said.document !== undefined && said.document === before) this.change(said.id, { document });
        }
        break;
      case 'cells-seen':
        for (const id of cells ?? []) if (this.folding.has(id)) this.change(id, { seen: true });
        break;
    }
  }

  private takeCellEvent(cell: string, { t, event, status, document, place }: HostLine): void {
    const at = t * 1000;
    switch (event) {
      case 'cell-queued':
        this.change(cell, { status: 'queued', document, place });
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
      for (const one of this.folding.values()) if (one.heard.update(content)) one.snapshot = undefined;
    } else if (cell !== null) {
      if (type === 'execute_input') this.change(cell, { count: executeInput.safeParse(content).data?.execution_count });
      if (type === 'input_request') {
        const asked = inputRequest.safeParse(content).data;
        if (asked) this.change(cell, { prompt: { text: asked.prompt, password: asked.password } });
      }
      const one = this.folded(cell);
      one.heard.hear(type, content);
      one.snapshot = undefined;
    }
  }

  private folded(id: string): Folding {
    const known = this.folding.get(id);
    if (known !== undefined) return known;
    const unknown = { document: undefined, place: undefined, count: undefined, startedAt: undefined };
    // A reader that starts in the middle meets a cell by its output.
    const said = { id, ...unknown, status: 'running', endedAt: undefined, seen: false, prompt: undefined } as const;
    const fresh: Folding = { said, heard: new CellOutputs(), snapshot: undefined };
    this.folding.set(id, fresh);
    return fresh;
  }

  private change(id: string, change: Partial<Omit<Folding['said'], 'id'>>): void {
    const one = this.folded(id);
    one.said = { ...one.said, ...change };
    one.snapshot = undefined;
  }
}

function snapshotOf(one: Folding): RecordedCell {
  one.snapshot ??= { ...one.said, outputs: one.heard.all, outputsVersion: one.heard.version };
  return one.snapshot;
}
