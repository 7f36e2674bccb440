import { homedir } from 'node:os';
import { extname } from 'node:path';
import * as vscode from 'vscode';
import { calls } from '../../keeper/api.js';
import type { RunFile } from '../../keeper/runFiles.js';
import type { ThroughputBy } from '../../keeper/throughputApi.js';
import type { ShownThing } from '../protocol.js';
import type { Window } from '../window.js';
import { viewCsv } from './viewCsv.js';

/** Saves a run where the person wishes: its rates as CSV, or all of it as JSON. A cluster's is kept as it is now. */
export async function saveRun({ fleet }: Window, what: ShownThing, by: ThroughputBy): Promise<void> {
  const target = await askWhere(what, { CSV: ['csv'], JSON: ['json'] }, 'csv');
  if (target === undefined) return;
  const { readRun, viewOfRun } = await import('../../keeper/runFiles.js');
  const id = what.kind === 'run' ? what.id : (await (await fleet.client(what.name)).call(calls.exportRun, {})).id;
  const run: RunFile = await readRun(id);
  const text = extname(target.path) === '.json' ? JSON.stringify(run, null, 1) : viewCsv(viewOfRun(run, by));
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
}

/** @param png base64 */
export async function savePicture(what: ShownThing | null, png: string): Promise<void> {
  const target = await askWhere(what, { PNG: ['png'] }, 'png');
  if (target !== undefined) await vscode.workspace.fs.writeFile(target, Buffer.from(png, 'base64'));
}

function askWhere(
  what: ShownThing | null,
  filters: Record<string, string[]>,
  extension: string,
): Thenable<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const name = what === null ? 'throughput' : what.kind === 'run' ? what.id : what.name;
  return vscode.window.showSaveDialog({
    title: 'Export Run',
    defaultUri: vscode.Uri.joinPath(folder, `${name}.${extension}`),
    filters,
  });
}
