import type { RecordLine } from './recordLines.js';

/** A notebook that was given to a kernel, as the kernel's record tells of it. */
export interface QueuedRun {
  readonly id: string;
  readonly path: string;
  readonly save: string;
  /** Ids in the queue, in order. */
  readonly cells: readonly string[];
  readonly status: 'running' | 'done' | 'failed';
}

/** What became of one cell; `name` is its id in its notebook. */
export interface QueuedCell {
  readonly id: string;
  readonly name: string;
  readonly run: string | undefined;
  /** Its place among the notebook's, from 1. */
  readonly number: number | undefined;
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'skipped';
}

/** The notebooks and cells of a kernel's record, folded line by line: how far each has come. */
export class QueuedNotebooks {
  private readonly byId = new Map<string, QueuedRun>();
  private readonly cellsById = new Map<string, QueuedCell>();
  private lastFailed = false;

  /** In the order they were queued. */
  get runs(): readonly QueuedRun[] {
    return [...this.byId.values()];
  }

  get cells(): readonly QueuedCell[] {
    return [...this.cellsById.values()];
  }

  /** Whether a cell is still to run. */
  get open(): boolean {
    return this.cells.some(({ status }) => status === 'queued' || status === 'running');
  }

  /** Whether what was asked for last has failed. */
  get failed(): boolean {
    return this.lastFailed;
  }

  run(id: string): QueuedRun | undefined {
    return this.byId.get(id);
  }

  cell(id: string): QueuedCell | undefined {
    return this.cellsById.get(id);
  }

  hear(line: RecordLine): void {
    if (!('event' in line)) return;
    const { event, cell, notebook } = line;
    if (event === 'notebook-queued' && notebook !== undefined) {
      const { path = '', save = '' } = line;
      this.byId.set(notebook, { id: notebook, path, save, cells: [], status: 'running' });
    } else if (event === 'notebook-ended' && notebook !== undefined) {
      const run = this.byId.get(notebook);
      this.lastFailed = line.status !== 'done';
      if (run !== undefined) this.byId.set(notebook, { ...run, status: this.lastFailed ? 'failed' : 'done' });
    } else if (cell !== null) this.takeCell(event, cell, line.status);
  }

  private takeCell(event: string, id: string, status: string | undefined): void {
    switch (event) {
      case 'cell-queued':
        this.queue(id);
        break;
      case 'cell-started':
        this.change(id, 'running');
        break;
      case 'cell-skipped':
        this.change(id, 'skipped');
        break;
      case 'cell-ended':
        this.change(id, status === 'done' ? 'done' : 'failed');
        // A notebook's own end says it for its cells.
        if (this.cellsById.get(id)?.run === undefined) this.lastFailed = status !== 'done';
        break;
    }
  }

  private queue(id: string): void {
    // A notebook's cells are `<its id>:<the cell's>`; others have ids of their makers'.
    const run = this.byId.get(id.slice(0, id.indexOf(':')));
    if (run === undefined) {
      this.cellsById.set(id, { id, name: id, run: undefined, number: undefined, status: 'queued' });
      return;
    }
    const cells = [...run.cells, id];
    this.byId.set(run.id, { ...run, cells });
    const name = id.slice(run.id.length + 1);
    this.cellsById.set(id, { id, name, run: run.id, number: cells.length, status: 'queued' });
  }

  private change(id: string, status: QueuedCell['status']): void {
    const cell = this.cellsById.get(id);
    // One that was queued before the bytes that we were given.
    const known = cell ?? { id, name: id, run: undefined, number: undefined };
    this.cellsById.set(id, { ...known, status });
  }
}
