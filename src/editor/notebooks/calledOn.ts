import * as vscode from 'vscode';
import { z } from 'zod';
import { openNotebooks } from './openNotebooks.js';

const anyUri = z.custom<vscode.Uri>((value) => value instanceof vscode.Uri);
/** What a notebook's toolbar calls a command with. */
const toolbar = z.object({ notebookEditor: z.object({ notebookUri: anyUri }) });

/** The notebook a command was called on: by its toolbar, by its file, else the one in front. */
export function calledOn(argument: unknown): vscode.NotebookDocument | undefined {
  const uri = argument instanceof vscode.Uri ? argument : toolbarUri(argument);
  return uri === undefined ? vscode.window.activeNotebookEditor?.notebook : openNotebook(uri);
}

/** The notebook whose toolbar a command was called from; undefined where it was called in another way. */
export function calledFromToolbar(argument: unknown): vscode.NotebookDocument | undefined {
  const uri = toolbarUri(argument);
  return uri && openNotebook(uri);
}

function toolbarUri(argument: unknown): vscode.Uri | undefined {
  return toolbar.safeParse(argument).data?.notebookEditor.notebookUri;
}

function openNotebook(uri: vscode.Uri): vscode.NotebookDocument | undefined {
  return openNotebooks().find((notebook) => notebook.uri.toString() === uri.toString());
}
