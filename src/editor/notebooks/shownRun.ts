import * as vscode from 'vscode';
import type { Output } from '../../notebook/outputs.js';
import type { RecordedCell } from '../../notebook/record.js';
import { type OutputChange, outputChanges } from './outputChanges.js';
import { type ShownItem, shownOutput, streamItem } from './shownOutputs.js';

/** One run of a cell as this window shows it: brought to what the kernel's record says, as often as that changes. */
export class ShownRun {
  private last: RecordedCell | undefined;
  /** What it shows; nothing was shown yet while it is undefined. */
  private outputs: readonly Output[] | undefined;
  private handles: vscode.NotebookCellOutput[] = [];
  private started = false;
  private ended = false;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly execution: vscode.NotebookCellExecution,
    private readonly onError: (error: unknown) => void,
  ) {}

  get cell(): vscode.NotebookCell {
    return this.execution.cell;
  }

  /** Whether the kernel's record has it. */
  get isRecorded(): boolean {
    return this.last !== undefined;
  }

  /** Whether its end was shown. */
  get isOver(): boolean {
    return this.ended;
  }

  /** Resolves when the document has all that was shown so far. */
  settled(): Promise<unknown> {
    return this.work;
  }

  show(run: RecordedCell): void {
    if (this.ended || run === this.last) return;
    this.last = run;
    if (run.status === 'skipped') {
      this.giveUp();
      return;
    }
    if (run.count !== this.execution.executionOrder) this.execution.executionOrder = run.count;
    // What is queued has no outputs yet, and VS Code takes none before the start.
    if (run.status === 'queued') return;
    if (!this.started) {
      this.started = true;
      this.execution.start(run.startedAt);
    }
    this.bring(run.outputs);
    if (run.status !== 'running') this.end(run.status === 'done', run.endedAt);
  }

  /** It will not be run. */
  giveUp(): void {
    if (!this.ended) this.end(undefined, undefined);
  }

  private end(success: boolean | undefined, at: number | undefined): void {
    this.ended = true;
    this.next(() => this.execution.end(success, at));
  }

  private bring(outputs: readonly Output[]): void {
    const changes: readonly OutputChange[] =
      this.outputs === undefined ? [{ kind: 'all' }] : outputChanges(this.outputs, outputs);
    this.outputs = outputs;
    for (const change of changes) this.apply(change, outputs);
  }

  private apply(change: OutputChange, outputs: readonly Output[]): void {
    switch (change.kind) {
      case 'all': {
        const handles = outputs.map(toOutput);
        this.handles = handles;
        this.next(() => this.execution.replaceOutput(handles));
        break;
      }
      case 'append': {
        const handles = change.outputs.map(toOutput);
        this.handles = [...this.handles, ...handles];
        this.next(() => this.execution.appendOutput(handles));
        break;
      }
      case 'extend': {
        const { at, name, text } = change;
        this.onHandle(at, (handle) => this.execution.appendOutputItems(toItem(streamItem(name, text)), handle));
        break;
      }
      case 'replace': {
        const items = shownOutput(change.output).items.map(toItem);
        this.onHandle(change.at, (handle) => this.execution.replaceOutputItems(items, handle));
        break;
      }
    }
  }

  private onHandle(at: number, act: (handle: vscode.NotebookCellOutput) => Thenable<void>): void {
    const handle = this.handles[at];
    if (handle !== undefined) this.next(() => act(handle));
  }

  /** One after another, so that the end comes last. */
  private next(act: () => unknown): void {
    this.work = this.work.then(act).catch(this.onError);
  }
}

function toOutput(output: Output): vscode.NotebookCellOutput {
  const { items, metadata } = shownOutput(output);
  return new vscode.NotebookCellOutput(items.map(toItem), { ...metadata });
}

function toItem({ data, mime }: ShownItem): vscode.NotebookCellOutputItem {
  return new vscode.NotebookCellOutputItem(data, mime);
}
