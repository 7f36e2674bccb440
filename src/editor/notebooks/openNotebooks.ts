import { posix } from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { notebookType } from '../../ids.js';
import type { PlacedCell } from './cellPlaces.js';

/** A code cell of an open notebook. */
export interface OpenCell extends PlacedCell {
  readonly cell: vscode.NotebookCell;
}

/** Where VS Code's own serializer keeps what nbformat has of a cell. */
const cellMetadata = z.object({ id: z.string().optional() });

export function openCell(cell: vscode.NotebookCell): OpenCell {
  const id = cellMetadata.safeParse(cell.metadata).data?.id;
  return { cell, id, index: cell.index, source: cell.document.getText() };
}

export function codeCells(notebook: vscode.NotebookDocument): readonly OpenCell[] {
  return notebook
    .getCells()
    .filter(({ kind }) => kind === vscode.NotebookCellKind.Code)
    .map(openCell);
}

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
