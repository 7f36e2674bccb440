import * as vscode from 'vscode';
import { gridUri } from '../documents/gridDocument.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { pickGrid } from './pickGrid.js';

/** Tries every service of a grid, and shows each with what was found and what to do about it. */
export async function checkGrid(_window: Window, argument: unknown): Promise<void> {
  const grid = await pickGrid(argument, 'Check Grid');
  if (grid === undefined) return;
  const document = await inProgress(`Trying the services of ${grid}`, async () =>
    vscode.workspace.openTextDocument(gridUri(grid)),
  );
  await vscode.window.showTextDocument(document, { preview: true });
}
