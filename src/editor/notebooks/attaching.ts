import type { RecordedCell } from '../../notebook/record.js';
import { type ShownOutput, sameOutputs } from './shownOutputs.js';

/** What a cell shows in this window before its run is attached to it. */
export interface CellNow {
  readonly executionOrder: number | undefined;
  readonly outputs: readonly ShownOutput[];
}

/**
 * What a window does with a run that it is not showing yet, because it has just been loaded or another window asked for it:
 * show it, leave the cell as it is, or leave it and note that the document holds its end.
 *
 * A document is never relied on: a backup may hold half of a run, or nothing (docs/notebooks-in-vscode.md, "After a reload").
 */
export function attaching(run: RecordedCell, cell: CellNow): 'show' | 'leave' | 'held' {
  switch (run.status) {
    case 'queued':
    case 'running':
      return 'show';
    case 'skipped':
      return 'leave';
    case 'done':
    case 'failed':
      if (run.seen) return 'leave';
      return cell.executionOrder === run.count && sameOutputs(cell.outputs, run.outputs) ? 'held' : 'show';
  }
}

/** Of several runs of one cell, those that are not over, else the last that ran: what came before it was replaced. */
export function runsToShow<Run extends Pick<RecordedCell, 'status'>>(runs: readonly Run[]): readonly Run[] {
  const open = runs.filter(({ status }) => status === 'queued' || status === 'running');
  if (open.length > 0) return open;
  const last = runs.findLast(({ status }) => status !== 'skipped');
  return last === undefined ? [] : [last];
}
