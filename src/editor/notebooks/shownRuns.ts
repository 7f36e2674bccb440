import type * as vscode from 'vscode';
import type { RecordedCell } from '../../notebook/record.js';
import { attaching, runsToShow } from './attaching.js';
import { cellAt } from './cellPlaces.js';
import { codeCells, type OpenCell, openCell } from './openCells.js';
import { ShownRun } from './shownRun.js';

/** The runs of a notebook's cells, as this window shows them, and which of them its saved file holds. */
export class ShownRuns {
  private readonly shown = new Map<string, ShownRun>();
  /**
   * Runs that are over here, with the version of their outputs that was looked at: what runs later may still change a display.
   * Without one, nothing of them is shown any more.
   */
  private readonly settled = new Map<string, number | undefined>();
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
      if (run === undefined || run.isOver) continue;
      run.giveUp();
      this.end(id, run, undefined);
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
      if (run.place === undefined) continue;
      const shown = this.shown.get(run.id);
      if (shown !== undefined) this.bring(shown, run);
      else if (!this.settled.has(run.id)) fresh.push(run);
      else if (run.outputsVersion > (this.settled.get(run.id) ?? run.outputsVersion)) this.showChanged(run);
    }
    return fresh.length === 0 ? [] : this.attach(fresh);
  }

  /** Nothing is shown from here any more. */
  dispose(): void {
    this.giveUp([...this.shown.keys()]);
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
      if (cell === undefined) this.settled.set(run.id, undefined);
      else byCell.set(cell, [...(byCell.get(cell) ?? []), run]);
    }
    const held: string[] = [];
    for (const [cell, all] of byCell) {
      const wanted = runsToShow(all);
      for (const run of all) if (!wanted.includes(run)) this.settled.set(run.id, undefined);
      for (const run of wanted) if (this.attachOne(cell, run) === 'held') held.push(run.id);
    }
    if (!this.notebook.isDirty) return held;
    for (const id of held) this.unsaved.add(id);
    return [];
  }

  private attachOne(cell: vscode.NotebookCell, run: RecordedCell): 'show' | 'leave' | 'held' {
    const shown = { executionOrder: cell.executionSummary?.executionOrder, outputs: cell.outputs.map(shownOf) };
    const decided = attaching(run, shown);
    if (decided !== 'show') this.settled.set(run.id, run.outputsVersion);
    // A cell takes one run at a time: the next is looked at again when that has ended.
    else if (!this.isAtWork(cell)) this.bring(this.begin(run.id, cell), run);
    return decided;
  }

  /** VS Code changes the outputs of a cell only while that runs: so it runs once more, to the same end. */
  private showChanged(run: RecordedCell): void {
    const cell = run.place && cellAt(codeCells(this.notebook), run.place)?.cell;
    if (cell !== undefined && this.isAtWork(cell)) return;
    // What was cleared, or run again, has no place for it.
    const isShown = cell?.executionSummary?.executionOrder === run.count && (cell?.outputs.length ?? 0) > 0;
    if (cell === undefined || !isShown) this.settled.set(run.id, run.outputsVersion);
    else this.bring(this.begin(run.id, cell), run);
  }

  private begin(id: string, cell: vscode.NotebookCell): ShownRun {
    const run = new ShownRun(this.controller.createNotebookCellExecution(cell), this.onError);
    this.shown.set(id, run);
    return run;
  }

  private bring(shown: ShownRun, run: RecordedCell): void {
    // What comes while it settles is looked at when it has.
    if (shown.isOver) return;
    shown.show(run);
    if (shown.isOver) this.end(run.id, shown, run.status === 'skipped' ? undefined : run.outputsVersion);
  }

  /** @param version of its outputs, which are to be saved; undefined where nothing of it is */
  private end(id: string, run: ShownRun, version: number | undefined): void {
    this.settled.set(id, version);
    run
      .settled()
      .then(() => {
        if (version !== undefined) this.unsaved.add(id);
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
