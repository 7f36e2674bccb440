import type * as vscode from 'vscode';
import type { RecordedCell } from '../../notebook/record.js';
import { attaching, runsToShow } from './attaching.js';
import { cellAt } from './cellPlaces.js';
import { codeCells, type OpenCell, openCell } from './openCells.js';
import { ShownRun } from './shownRun.js';

/** The runs of a notebook's cells, as this window shows them, and which of them its saved file holds. */
export class ShownRuns {
  private readonly shown = new Map<string, ShownRun>();
  /** Runs that need no look any more. */
  private readonly settled = new Set<string>();
  /** Runs whose end the document shows, but perhaps not the file. */
  private unsaved = new Set<string>();
  private saving: readonly string[] = [];

  constructor(
    private readonly notebook: vscode.NotebookDocument,
    private readonly controller: vscode.NotebookController,
    /** A cell is free again, for which another run may wait: `show` is to be called. */
    private readonly onFree: () => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Shows cells as waiting, which are about to be asked for. */
  queue(
    cells: readonly vscode.NotebookCell[],
    newId: () => string,
  ): readonly { readonly id: string; readonly cell: OpenCell }[] {
    return (
      cells
        // A kernel gives an empty cell no number and no end to tell of.
        .filter((cell) => !this.isAtWork(cell) && cell.document.getText().trim() !== '')
        .map((cell) => {
          const id = newId();
          this.begin(id, cell);
          return { id, cell: openCell(cell) };
        })
    );
  }

  /** Whether a cell waits or runs. */
  get areAtWork(): boolean {
    return this.shown.size > 0;
  }

  /** They were not taken. */
  giveUp(ids: readonly string[]): void {
    for (const id of ids) {
      const run = this.shown.get(id);
      run?.giveUp();
      if (run !== undefined) this.end(id, run, false);
    }
  }

  /** What was shown of the record so far gets no more news; what was only asked for may be in the next one. */
  forgetRecord(): void {
    this.giveUp([...this.shown].filter(([, run]) => run.isRecorded).map(([id]) => id));
  }

  /**
   * Brings the cells to what the record says.
   *
   * @returns runs that were new here, and whose end the saved file holds already
   */
  show(runs: readonly RecordedCell[]): readonly string[] {
    const fresh: RecordedCell[] = [];
    for (const run of runs) {
      if (run.place === undefined || this.settled.has(run.id)) continue;
      const shown = this.shown.get(run.id);
      if (shown === undefined) fresh.push(run);
      else this.bring(shown, run);
    }
    return fresh.length === 0 ? [] : this.attach(fresh);
  }

  willSave(): void {
    this.saving = [...this.unsaved];
  }

  /** @returns runs whose end the file now holds */
  saved(): readonly string[] {
    const saved = this.saving;
    this.saving = [];
    for (const id of saved) this.unsaved.delete(id);
    return saved;
  }

  private attach(fresh: readonly RecordedCell[]): readonly string[] {
    const cells = codeCells(this.notebook);
    const byCell = new Map<vscode.NotebookCell, RecordedCell[]>();
    for (const run of fresh) {
      const cell = run.place && cellAt(cells, run.place)?.cell;
      // A cell that was deleted has nothing to be shown in.
      if (cell === undefined) this.settled.add(run.id);
      else byCell.set(cell, [...(byCell.get(cell) ?? []), run]);
    }
    const held: string[] = [];
    for (const [cell, all] of byCell) {
      const wanted = runsToShow(all);
      for (const run of all) if (!wanted.includes(run)) this.settled.add(run.id);
      for (const run of wanted) if (this.attachOne(cell, run) === 'held') held.push(run.id);
    }
    if (!this.notebook.isDirty) return held;
    for (const id of held) this.unsaved.add(id);
    return [];
  }

  private attachOne(cell: vscode.NotebookCell, run: RecordedCell): 'show' | 'leave' | 'held' {
    const shown = { executionOrder: cell.executionSummary?.executionOrder, outputs: cell.outputs.map(shownOf) };
    const decided = attaching(run, shown);
    if (decided !== 'show') this.settled.add(run.id);
    // A cell takes one run at a time: the next is looked at again when that has ended.
    else if (!this.isAtWork(cell)) this.bring(this.begin(run.id, cell), run);
    return decided;
  }

  private begin(id: string, cell: vscode.NotebookCell): ShownRun {
    const run = new ShownRun(this.controller.createNotebookCellExecution(cell), this.onError);
    this.shown.set(id, run);
    return run;
  }

  private bring(shown: ShownRun, run: RecordedCell): void {
    shown.show(run);
    if (shown.isOver) this.end(run.id, shown, run.status !== 'skipped');
  }

  /** @param ran whether there is something to be saved */
  private end(id: string, run: ShownRun, ran: boolean): void {
    this.settled.add(id);
    run
      .settled()
      .then(() => {
        if (ran) this.unsaved.add(id);
        this.shown.delete(id);
        this.onFree();
      })
      .catch(this.onError);
  }

  private isAtWork(cell: vscode.NotebookCell): boolean {
    return [...this.shown.values()].some((run) => run.cell === cell);
  }
}

function shownOf({ items, metadata }: vscode.NotebookCellOutput): {
  readonly items: readonly vscode.NotebookCellOutputItem[];
  readonly metadata: Readonly<Record<string, unknown>>;
} {
  return { items, metadata: metadata ?? {} };
}
