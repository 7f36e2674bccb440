import * as vscode from 'vscode';
import type { Window } from '../window.js';
import { pickGrid } from './pickGrid.js';

/** Forgets a grid, when that is confirmed; clusters that were made with it keep it. */
export async function removeGrid(window: Window, argument: unknown): Promise<void> {
  const grid = await pickGrid(argument, 'Remove Grid');
  if (grid === undefined) return;
  const yes = 'Remove';
  const question = `Forget the grid ${grid} on this computer? Clusters that were made with it keep it; new ones cannot use it.`;
  if ((await vscode.window.showWarningMessage(question, { modal: true }, yes)) !== yes) return;
  const owner = await import('../../owner/grids.js');
  await owner.removeGrid(grid);
  await Promise.all([window.grids.refresh(), window.proxies.refresh()]);
}
