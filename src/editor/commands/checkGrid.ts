import * as vscode from 'vscode';
import { unlessAborted } from '../../base/waiting.js';
import { gridUri } from '../documents/gridDocument.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { pickGrid } from './pickGrid.js';

/** Tries every service of a grid, and shows each with what was found and what to do about it. */
export async function checkGrid(_window: Window, argument: unknown): Promise<void> {
  const grid = await pickGrid(argument, 'Check Grid');
  if (grid === undefined) return;
  const document = await inProgress(`Trying the services of ${grid}`, async (_say, signal) =>
    unlessAborted(Promise.resolve(vscode.workspace.openTextDocument(gridUri(grid))), signal),
  );
  await vscode.window.showTextDocument(document, { preview: true });
}
