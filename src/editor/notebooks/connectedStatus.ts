import * as vscode from 'vscode';
import { notebookType } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import { type ConnectedLine, connectedLine } from './clusterTexts.js';
import type { NotebookOnCluster } from './notebookOnCluster.js';
import type { OnClusters } from './onClusters.js';

/**
 * *Connected to ttbar, 24 workers*, or what is wrong with it, under every code cell of a notebook that runs on a cluster:
 * whichever part of a notebook is looked at, one of them is in sight. (A toolbar entry's title is fixed, and the picker's label
 * is the cluster's name.)
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
    const { text, tooltip, action } = this.lineOf(on);
    const item = new vscode.NotebookCellStatusBarItem(
      `$(server-environment) ${text}`,
      vscode.NotebookCellStatusBarAlignment.Right,
    );
    item.command = { command: action.command, title: action.label, arguments: [...(action.arguments ?? [])] };
    item.tooltip = tooltip;
    return item;
  }

  /** Rates change twice a second, what is said here seldom. */
  private look(): void {
    const said = JSON.stringify(this.notebooks.all.map((on) => [on.notebook.uri.toString(), this.lineOf(on)]));
    if (said === this.said) return;
    this.said = said;
    this.changed.fire();
  }

  private lineOf({ cluster, kernel }: NotebookOnCluster): ConnectedLine {
    return connectedLine(cluster, this.fleet.cluster(cluster), kernel);
  }
}
