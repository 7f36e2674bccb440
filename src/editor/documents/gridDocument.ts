import * as vscode from 'vscode';
import { schemes } from '../../ids.js';
import { sentenceInWindow } from '../remedies.js';
import { LiveDocuments } from './liveDocuments.js';

/** A check of its own each time it is asked for. */
export function gridUri(grid: string): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.grid, path: `/${grid}.md`, query: String(Date.now()) });
}

/** Registers what shows the check of a grid, which is made when it is opened. */
export function registerGridDocument(onError: (error: unknown) => void): vscode.Disposable {
  return new LiveDocuments(
    schemes.grid,
    ({ path }) => ({
      run: async (show, signal) => {
        const name = path.slice(1).replace(/\.md$/, '');
        const { readGrid } = await import('../../owner/grids.js');
        const { checkGrid } = await import('../../grid/dirac/checkGrid.js');
        const { gridReport } = await import('../../owner/gridReport.js');
        const description = await readGrid(name);
        show(sentenceInWindow(gridReport(name, description, await checkGrid(description, { signal }))));
      },
    }),
    onError,
  );
}
