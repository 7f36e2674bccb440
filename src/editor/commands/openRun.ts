import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

/** A run that was kept, in the throughput page. */
export async function openRun({ throughput }: Window, argument: unknown): Promise<void> {
  const id = nodeOf('run', argument)?.run ?? (await pickRun());
  if (id !== undefined) await throughput.show({ kind: 'run', id });
}

async function pickRun(): Promise<string | undefined> {
  const { listRuns } = await import('../../keeper/runFiles.js');
  const runs = await listRuns();
  if (runs.length === 0) {
    throw new SitespanError('run-unknown', 'No run was kept on this computer yet; one is kept when a cluster ends.');
  }
  const picked = await vscode.window.showQuickPick(
    runs.map(({ id, name, begunAt, totals }) => ({
      label: name,
      description: new Date(begunAt * 1000).toLocaleString(),
      detail: `${totals.events.toLocaleString('en')} events, ${(totals.bytes / 1e6).toFixed(1)} MB read`,
      id,
    })),
    { title: 'Open Finished Run', placeHolder: 'Which run?', matchOnDescription: true },
  );
  return picked?.id;
}
