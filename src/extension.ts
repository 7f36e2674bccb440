import { join } from 'node:path';
import * as vscode from 'vscode';
import { registerCommands } from './editor/commands/register.js';
import { Fleet } from './editor/fleet.js';
import { offerClusters } from './editor/jupyter/offerClusters.js';
import { Notebooks } from './editor/notebooks/notebooks.js';
import { ClustersTree } from './editor/trees/clustersTree.js';
import type { Window } from './editor/window.js';

/** Registers what a window shows; nothing is started, asked or read before somebody looks. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Sitespan', { log: true });
  const onError = (error: unknown): void =>
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const fleet = new Fleet(onError);
  const notebooks = new Notebooks({ context, fleet, log });
  const window: Window = { context, fleet, log, bundle: join(context.extensionPath, 'dist'), notebooks };
  context.subscriptions.push(log, fleet, notebooks, registerCommands(window), ClustersTree.register(fleet, onError));
  context.subscriptions.push(offerClusters(window));
}
