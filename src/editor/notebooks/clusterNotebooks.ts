import * as vscode from 'vscode';
import { contextKeys } from '../../ids.js';
import { ClusterController } from './clusterController.js';
import { ConnectedStatus } from './connectedStatus.js';
import { KernelCompletions } from './kernelCompletions.js';
import { KernelHovers } from './kernelHovers.js';
import { LastChoices } from './lastChoices.js';
import type { NotebookOnCluster } from './notebookOnCluster.js';
import type { NotebooksWindow } from './notebooksWindow.js';
import type { OnClusters } from './onClusters.js';
import { isOurKind, openNotebooks } from './openNotebooks.js';
import { Renames } from './renames.js';

/** The clusters as kernels of the `.ipynb` notebooks that are open in this window. */
export class ClusterNotebooks implements OnClusters, vscode.Disposable {
  private readonly controllers = new Map<string, ClusterController>();
  private readonly choices: LastChoices;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly held: vscode.Disposable;
  private readonly onError = (error: unknown): void => this.window.log.error(String(error));
  private isOnCluster: boolean | undefined;

  readonly onDidChange = this.changed.event;

  constructor(private readonly window: NotebooksWindow) {
    this.choices = new LastChoices(window.context.workspaceState);
    const { workspace } = vscode;
    this.held = vscode.Disposable.from(
      window.fleet.onDidChange(() => this.look()),
      workspace.onDidOpenNotebookDocument((notebook) => this.opened(notebook)),
      workspace.onDidCloseNotebookDocument((notebook) => this.closed(notebook)),
      workspace.onWillSaveNotebookDocument(({ notebook }) => this.of(notebook)?.willSave()),
      workspace.onDidSaveNotebookDocument((notebook) => this.of(notebook)?.saved()),
      vscode.window.onDidChangeActiveNotebookEditor(() => this.tellFront()),
      new Renames(window, this.choices, this.onError),
      ConnectedStatus.register(window.fleet, this),
      KernelCompletions.register(this),
      KernelHovers.register(this),
    );
    for (const notebook of openNotebooks()) this.opened(notebook);
    this.look();
  }

  /** Where a notebook runs, if that is on a cluster. */
  of(notebook: vscode.NotebookDocument): NotebookOnCluster | undefined {
    for (const controller of this.controllers.values()) {
      const found = controller.of(notebook);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The notebook that is worked on, if it is on a cluster. */
  get active(): NotebookOnCluster | undefined {
    const editor = vscode.window.activeNotebookEditor;
    return editor && this.of(editor.notebook);
  }

  /** Every notebook of this window that is on a cluster. */
  get all(): readonly NotebookOnCluster[] {
    return [...this.controllers.values()].flatMap(({ notebooks }) => notebooks);
  }

  dispose(): void {
    this.held.dispose();
    for (const controller of this.controllers.values()) controller.dispose();
    this.controllers.clear();
    this.changed.dispose();
  }

  private look(): void {
    const { clusters } = this.window.fleet;
    for (const { name, link } of clusters) {
      if (link !== 'closed') this.controllerOf(name);
    }
    const wanted = new Set(openNotebooks().map(({ uri }) => this.choices.of(uri.fsPath)));
    for (const [name, controller] of this.controllers) {
      controller.describe();
      const isThere = clusters.some((cluster) => cluster.name === name && cluster.link !== 'closed');
      if (isThere || wanted.has(name) || controller.notebooks.length > 0) continue;
      controller.dispose();
      this.controllers.delete(name);
    }
    this.changed.fire();
  }

  private controllerOf(cluster: string): ClusterController {
    const there = this.controllers.get(cluster);
    if (there !== undefined) return there;
    const made = new ClusterController(this.window, cluster, () => this.chosen());
    this.controllers.set(cluster, made);
    for (const notebook of openNotebooks()) if (this.choices.of(notebook.uri.fsPath) === cluster) made.prefer(notebook);
    return made;
  }

  private opened(notebook: vscode.NotebookDocument): void {
    if (!isOurKind(notebook)) return;
    const cluster = this.choices.of(notebook.uri.fsPath);
    // One that has ended is there too, to say so and to be started again.
    if (cluster !== undefined) this.controllerOf(cluster).prefer(notebook);
  }

  private closed(notebook: vscode.NotebookDocument): void {
    for (const controller of this.controllers.values()) controller.remove(notebook);
  }

  private chosen(): void {
    for (const [name, { notebooks }] of this.controllers) {
      for (const { notebook } of notebooks) this.choices.set(notebook.uri.fsPath, name).catch(this.onError);
    }
    this.tellFront();
    this.changed.fire();
  }

  /** What menus ask, and which cluster the status bar shows. */
  private tellFront(): void {
    this.window.fleet.show(this.active?.cluster);
    const isOnCluster = this.active !== undefined;
    if (isOnCluster === this.isOnCluster) return;
    this.isOnCluster = isOnCluster;
    vscode.commands
      .executeCommand('setContext', contextKeys.notebookOnCluster, isOnCluster)
      .then(undefined, this.onError);
  }
}
