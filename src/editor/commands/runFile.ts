import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { reachCluster } from '../pickers.js';
import { showProgramTerminal } from '../programTerminal.js';
import type { Window } from '../window.js';

/** Runs a Python file on a cluster, in a terminal: as "sitespan run" does, so that it goes on when the terminal is closed. */
export async function runFile(window: Window, argument: unknown): Promise<void> {
  const path = await fileOf(argument);
  const cluster = await reachCluster(window, argument, 'Run Python File on Cluster');
  if (cluster === undefined) return;
  const name = `${basename(path)} on ${cluster.name}`;
  const args = ['run', path, '--cluster', cluster.name];
  showProgramTerminal(window, { name, icon: 'run', args, cwd: dirname(path) });
}

/** The file it was called on, else that of the active editor, saved. */
async function fileOf(argument: unknown): Promise<string> {
  const active = vscode.window.activeTextEditor?.document;
  const uri = argument instanceof vscode.Uri ? argument : active?.languageId === 'python' ? active.uri : undefined;
  if (uri?.scheme !== 'file') {
    throw new SitespanError(
      'no-python-file',
      uri === undefined
        ? 'No Python file is open that could be run; open one, or choose it in the explorer.'
        : `${uri.path} is not a file on this computer's disks, so no kernel can read it; save it first.`,
    );
  }
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (document?.isDirty === true) await document.save();
  return uri.fsPath;
}
