import { join } from 'node:path';
import * as vscode from 'vscode';
import { notebookType } from '../../ids.js';
import { askEnvironment, chosenEnvironment } from '../environments.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';

const title = 'Open Example Notebook';

/** Copies the example analysis into a folder that the user chooses, makes its data where they are missing, and opens it. */
export async function openExample(window: Window): Promise<void> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: 'Where shall the example go?',
      openLabel: 'Copy Here',
      canSelectFiles: false,
      canSelectFolders: true,
      ...startingAt(),
    })) ?? [];
  if (folder === undefined) return;
  const owner = await import('../../owner/exampleFolder.js');
  const notebook = await owner.copyExample(window.context.extensionPath, folder.fsPath);
  if (!(await owner.hasExampleData(folder.fsPath))) {
    const environment = chosenEnvironment() ?? (await environmentForData(window));
    if (environment === undefined) return;
    const packageFolder = join(window.bundle, 'python');
    await inProgress("Making the example's data", (_say, signal) =>
      owner.makeExampleData(folder.fsPath, { environment, packageFolder, signal }),
    );
  }
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(notebook), notebookType);
}

async function environmentForData(window: Window): Promise<ReturnType<typeof chosenEnvironment>> {
  const answer = await askEnvironment(window, { title, begin: undefined });
  return answer === undefined || answer === 'back' ? undefined : answer.value;
}

function startingAt(): { readonly defaultUri?: vscode.Uri } {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder === undefined ? {} : { defaultUri: folder.uri };
}
