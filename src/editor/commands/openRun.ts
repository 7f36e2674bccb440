import { SitespanError } from '../../base/errors.js';
import { askOne } from '../questions.js';
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
  const choices = runs.map(({ id, name, begunAt, totals }) => ({
    label: name,
    description: new Date(begunAt * 1000).toLocaleString(),
    detail: `${totals.events.toLocaleString('en')} events, ${(totals.bytes / 1e6).toFixed(1)} MB read`,
    value: id,
  }));
  const answer = await askOne({ title: 'Open Finished Run', placeholder: 'Which run?' }, choices);
  return answer === 'back' ? undefined : answer?.value;
}
