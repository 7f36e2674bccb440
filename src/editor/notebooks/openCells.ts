import * as vscode from 'vscode';
import { z } from 'zod';
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
