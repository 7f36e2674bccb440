import * as vscode from 'vscode';
import type { LifeSnapshot } from '../../keeper/api.js';
import { logUri } from '../documents/workerDocument.js';
import { pickWorker, reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

const title = 'Show Worker Log';

/** What a worker's job has written, as a document that follows while it runs. */
export async function showWorkerLog(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const life = cluster && (await pickWorker(cluster, argument, { title, refuse: whyNot }));
  if (cluster === undefined || life === undefined) return;
  const document = await vscode.workspace.openTextDocument(logUri({ cluster: cluster.name, worker: life.name }));
  const editor = await vscode.window.showTextDocument(document, { preview: true });
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.revealRange(new vscode.Range(end, end));
}

function whyNot({ name, job, phase }: LifeSnapshot): string | undefined {
  if (job !== null) return undefined;
  return phase === 'ended'
    ? `${name} ended before it had a job.`
    : `${name} has no job yet, so it has written nothing.`;
}
