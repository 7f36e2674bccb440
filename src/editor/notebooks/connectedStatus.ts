import * as vscode from 'vscode';
import { commands, notebookType } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import { connectedText } from './clusterTexts.js';
import type { OnClusters } from './onClusters.js';

/**
 * *Connected to ttbar, 24 workers*, under every code cell of a notebook that runs on a cluster: whichever part of a notebook
 * is looked at, one of them is in sight. (A toolbar entry's title is fixed, and the picker's label is the cluster's name.)
 */
export class ConnectedStatus implements vscode.NotebookCellStatusBarItemProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.changed.event;
  private said = '';

  constructor(
    private readonly fleet: Fleet,
    private readonly notebooks: OnClusters,
  ) {}

  static register(fleet: Fleet, notebooks: OnClusters): vscode.Disposable {
    const status = new ConnectedStatus(fleet, notebooks);
    return vscode.Disposable.from(
      vscode.notebooks.registerNotebookCellStatusBarItemProvider(notebookType, status),
      notebooks.onDidChange(() => status.look()),
      status.changed,
    );
  }

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem | undefined {
    const on = this.notebooks.of(cell.notebook);
    if (on === undefined || cell.kind !== vscode.NotebookCellKind.Code) return undefined;
    const cluster = this.fleet.cluster(on.cluster);
    const isClosed = cluster === undefined || cluster.link === 'closed';
    const item = new vscode.NotebookCellStatusBarItem(
      `$(server-environment) ${connectedText(on.cluster, cluster)}`,
      vscode.NotebookCellStatusBarAlignment.Right,
    );
    const row = { kind: 'cluster', cluster: on.cluster };
    item.command = isClosed
      ? { command: commands.startAgain, title: 'Start Cluster Again', arguments: [row] }
      : { command: commands.showThroughput, title: 'Show Throughput', arguments: [row] };
    item.tooltip = isClosed ? 'Start the cluster again' : 'Show throughput';
    return item;
  }

  /** Rates change twice a second, what is said here seldom. */
  private look(): void {
    const said = this.notebooks.all
      .map(
        ({ cluster, notebook }) => `${notebook.uri.toString()} ${connectedText(cluster, this.fleet.cluster(cluster))}`,
      )
      .join('\n');
    if (said === this.said) return;
    this.said = said;
    this.changed.fire();
  }
}
