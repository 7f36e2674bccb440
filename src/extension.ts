import { join } from 'node:path';
import * as vscode from 'vscode';
import { AddedGrids, listHere } from './editor/addedGrids.js';
import { registerCommands } from './editor/commands/register.js';
import { registerContextKeys } from './editor/contextKeys.js';
import { Fleet } from './editor/fleet.js';
import { clustersHere } from './editor/fleetSource.js';
import { GridBoard, gridsHere } from './editor/gridBoard.js';
import { offerClusters } from './editor/jupyter/offerClusters.js';
import { Notebooks } from './editor/notebooks/notebooks.js';
import { ThroughputPanels } from './editor/panels/throughputPanels.js';
import { proxiesHere } from './editor/proxy/proxySource.js';
import { ProxyWatch } from './editor/proxy/proxyWatch.js';
import { registerProxies } from './editor/proxy/registerProxies.js';
import { registerNotices } from './editor/registerNotices.js';
import { registerStatusBar } from './editor/statusBar.js';
import { registerClustersTree } from './editor/trees/clustersTree.js';
import { registerSitesTree } from './editor/trees/sitesTree.js';
import type { Window } from './editor/window.js';

/** Registers what a window shows; nothing is started, asked or read before somebody looks. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Sitespan', { log: true });
  const onError = (error: unknown): void =>
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const fleet = new Fleet(clustersHere(onError), onError);
  const grids = new GridBoard(gridsHere, onError);
  const addedGrids = new AddedGrids(listHere, onError);
  const proxies = new ProxyWatch(fleet, addedGrids, proxiesHere(onError), onError);
  const notebooks = new Notebooks({ context, fleet, log });
  const throughput = new ThroughputPanels(() => window);
  const bundle = join(context.extensionPath, 'dist');
  const window: Window = { context, fleet, grids, addedGrids, proxies, log, bundle, notebooks, throughput };
  context.subscriptions.push(
    ...[log, fleet, grids, addedGrids, proxies, notebooks, throughput, registerCommands(window)],
    ...[registerClustersTree(window, onError), registerSitesTree(window, onError)],
    ...[registerStatusBar(fleet, onError), registerNotices(fleet), offerClusters(window)],
    registerProxies(window, onError),
    // Last: the others hear of what it brings.
    registerContextKeys(window, onError),
  );
}
