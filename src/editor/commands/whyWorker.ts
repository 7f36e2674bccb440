import * as vscode from 'vscode';
import { lifeUri } from '../documents/workerDocument.js';
import { pickWorker, reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

const title = 'Why Is It Not Here?';

/** A worker's life as a document that is told anew while it changes: where it is, since when, what showed it, what to do. */
export async function whyWorker(window: Window, argument: unknown): Promise<void> {
  const cluster = await reachCluster(window, argument, title);
  const life = cluster && (await pickWorker(cluster, argument, { title }));
  if (cluster === undefined || life === undefined) return;
  const document = await vscode.workspace.openTextDocument(lifeUri({ cluster: cluster.name, worker: life.name }));
  await vscode.window.showTextDocument(document, { preview: true });
}
