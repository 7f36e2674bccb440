import type * as vscode from 'vscode';
import type { Fleet } from '../fleet.js';

/** What notebooks need of a window. */
export interface NotebooksWindow {
  readonly context: vscode.ExtensionContext;
  readonly fleet: Fleet;
  readonly log: vscode.LogOutputChannel;
}
