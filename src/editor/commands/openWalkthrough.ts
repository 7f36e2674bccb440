import * as vscode from 'vscode';
import { walkthrough } from '../../ids.js';
import type { Window } from '../window.js';

/** The four steps from nothing to a notebook on a cluster. */
export async function openWalkthrough({ context }: Window): Promise<void> {
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    `${context.extension.id}#${walkthrough}`,
    false,
  );
}
