import * as vscode from 'vscode';
import { notebookType } from '../../ids.js';
import { showError } from '../showError.js';
import { pickerTexts } from './clusterTexts.js';
import { NotebookOnCluster } from './notebookOnCluster.js';
import type { NotebooksWindow } from './notebooksWindow.js';
import { isShown } from './openNotebooks.js';
import { controllerId } from './selectCluster.js';

/**
 * A cluster in the kernel picker. It is known by the cluster's name: one that is started again under its name is the same
 * kernel to a notebook, and nothing has to be chosen anew.
 */
export class ClusterController implements vscode.Disposable {
  private readonly controller: vscode.NotebookController;
  private readonly selections: vscode.Disposable;
  private readonly onNotebooks = new Map<vscode.NotebookDocument, NotebookOnCluster>();

  /** @param onChange its notebooks have changed */
  constructor(
    private readonly window: NotebooksWindow,
    readonly cluster: string,
    private readonly onChange: () => void,
  ) {
    this.controller = vscode.notebooks.createNotebookController(controllerId(cluster), notebookType, cluster);
    this.controller.supportedLanguages = ['python'];
    this.controller.supportsExecutionOrder = true;
    this.controller.executeHandler = (cells, notebook) => this.reporting(() => this.add(notebook).run(cells));
    this.controller.interruptHandler = (notebook) => this.reporting(() => this.interrupt(notebook));
    this.selections = this.controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
      if (selected) this.add(notebook);
      else this.remove(notebook);
    });
    this.describe();
  }

  /** Those that have chosen it. */
  get notebooks(): readonly NotebookOnCluster[] {
    return [...this.onNotebooks.values()];
  }

  of(notebook: vscode.NotebookDocument): NotebookOnCluster | undefined {
    return this.onNotebooks.get(notebook);
  }

  /** Says in the picker how the cluster is now. */
  describe(): void {
    const { description, detail } = pickerTexts(this.window.fleet.cluster(this.cluster));
    // Each is an update of the window's, also where it says the same.
    if (this.controller.description !== description) this.controller.description = description;
    if (this.controller.detail !== detail) this.controller.detail = detail;
  }

  prefer(notebook: vscode.NotebookDocument): void {
    this.controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  /** A notebook that was closed. */
  remove(notebook: vscode.NotebookDocument): void {
    const there = this.onNotebooks.get(notebook);
    if (there === undefined) return;
    this.onNotebooks.delete(notebook);
    there.dispose();
    this.onChange();
  }

  dispose(): void {
    this.selections.dispose();
    for (const one of this.onNotebooks.values()) one.dispose();
    this.onNotebooks.clear();
    this.controller.dispose();
  }

  private add(notebook: vscode.NotebookDocument): NotebookOnCluster {
    const there = this.onNotebooks.get(notebook);
    if (there !== undefined) return there;
    const onError = (error: unknown): void => {
      showError(error, this.window.log).catch((failure: unknown) => this.window.log.error(String(failure)));
    };
    const added = new NotebookOnCluster(this.window, this.cluster, notebook, this.controller, onError);
    this.onNotebooks.set(notebook, added);
    this.onChange();
    return added;
  }

  /** VS Code calls it for the stop button, and by itself where a running notebook's document goes: only the first is meant. */
  private async interrupt(notebook: vscode.NotebookDocument): Promise<void> {
    if (!notebook.isClosed && isShown(notebook)) await this.of(notebook)?.interrupt();
  }

  private async reporting(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await showError(error, this.window.log);
    }
  }
}
