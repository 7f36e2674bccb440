import * as vscode from 'vscode';
import { gridWalkthrough, walkthrough } from '../../ids.js';
import type { Window } from '../window.js';

/**
 * The four steps from nothing to a notebook on a cluster of this computer, or those from a certificate to one at sites of a
 * grid.
 *
 * @param which `grid` for those
 */
export async function openWalkthrough({ context }: Window, which: unknown): Promise<void> {
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    `${context.extension.id}#${which === 'grid' ? gridWalkthrough : walkthrough}`,
    false,
  );
}
