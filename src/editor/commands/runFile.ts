import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { nodeEnvironment } from '../../environment/childEnvironment.js';
import { reachCluster } from '../pickers.js';
import type { Window } from '../window.js';

/** The terminal stays until its reader has read: a shell runs the command given as its arguments, and waits. */
const readToTheEnd = `
trap : INT
"$@"
printf '\\n[Ended with exit code %s. Enter closes this terminal.]\\n' "$?"
read -r _
`;

/** Runs a Python file on a cluster, in a terminal: as "sitespan run" does, so that it goes on when the terminal is closed. */
export async function runFile(window: Window, argument: unknown): Promise<void> {
  const path = await fileOf(argument);
  const cluster = await reachCluster(window, argument, 'Run Python File on Cluster');
  if (cluster === undefined) return;
  const program = join(window.bundle, 'cli.mjs');
  const terminal = vscode.window.createTerminal({
    name: `${basename(path)} on ${cluster.name}`,
    iconPath: new vscode.ThemeIcon('run'),
    shellPath: '/bin/sh',
    shellArgs: ['-c', readToTheEnd, 'sitespan', process.execPath, program, 'run', path, '--cluster', cluster.name],
    cwd: dirname(path),
    env: nodeEnvironment(),
    strictEnv: true,
  });
  terminal.show();
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
