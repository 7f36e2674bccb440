import * as vscode from 'vscode';
import { formatEnvironment } from '../../environment/parseEnvironment.js';
import { settings } from '../../ids.js';
import { askEnvironment, chosenEnvironment } from '../environments.js';
import type { Window } from '../window.js';

/** Chooses the Python of new clusters, among those of this computer. */
export async function chooseEnvironment(window: Window): Promise<void> {
  const answer = await askEnvironment(window, { title: 'Choose Environment', begin: chosenEnvironment() });
  if (answer === undefined || answer === 'back') return;
  const text = formatEnvironment(answer.value);
  await vscode.workspace.getConfiguration().update(settings.environment, text, vscode.ConfigurationTarget.Global);
}
