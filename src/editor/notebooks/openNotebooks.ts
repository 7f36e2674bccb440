import { posix } from 'node:path';
import * as vscode from 'vscode';
import { notebookType } from '../../ids.js';

/** What a person calls a notebook: its file's name. */
export function nameOf(uri: vscode.Uri): string {
  return posix.basename(uri.path);
}

/** Whether a tab of this window shows it. */
export function isShown(notebook: vscode.NotebookDocument): boolean {
  const uri = notebook.uri.toString();
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .some(({ input }) => input instanceof vscode.TabInputNotebook && input.uri.toString() === uri);
}

/** The open `.ipynb` files. */
export function openNotebooks(): readonly vscode.NotebookDocument[] {
  return vscode.workspace.notebookDocuments.filter((notebook) => isOurKind(notebook) && !notebook.isClosed);
}

export function isOurKind(notebook: vscode.NotebookDocument): boolean {
  return notebook.notebookType === notebookType;
}

/** The notebook that a cell's text is of. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  return openNotebooks().find((notebook) => notebook.getCells().some((cell) => cell.document === document));
}
