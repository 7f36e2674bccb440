import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';
import { idOf, type TreeNode } from './nodes.js';
import { ShownRows } from './shownRows.js';
import { treeItem } from './treeItem.js';
import type { TreeModel } from './treeModel.js';

/** A tree is told of changes at most so often, in milliseconds. */
const leastBetweenMs = 500;

export interface LiveTreeOptions {
  readonly view: string;
  /** Called when the tree is looked at first: what it shows is not loaded before. What it puts into `held` ends with the tree. */
  readonly load: (held: DisposableStore) => Promise<TreeModel>;
}

/** A view of a model that changes by itself: told of what changed, at most twice a second, and of nothing while it is hidden. */
export class LiveTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined | TreeNode | TreeNode[]>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<TreeNode>;
  private readonly held: vscode.Disposable;
  private readonly heldByModel = new DisposableStore();
  private loading: Promise<{ readonly model: TreeModel; readonly shown: ShownRows }> | undefined;
  private model: TreeModel | undefined;
  private shown: ShownRows | undefined;
  private pending: NodeJS.Timeout | undefined;
  private toldAt = 0;
  private disposed = false;

  constructor(private readonly options: LiveTreeOptions) {
    this.view = vscode.window.createTreeView(options.view, { treeDataProvider: this, showCollapseAll: true });
    this.held = vscode.Disposable.from(
      this.view,
      this.changed,
      this.view.onDidChangeVisibility(({ visible }) => this.seen(visible)),
      // What is in it was not followed while it was closed.
      this.view.onDidExpandElement(({ element }) => element.kind === 'cluster' && this.changed.fire(element)),
      this.view.onDidCollapseElement(({ element }) => this.model?.closed(element)),
    );
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    if (this.shown === undefined) throw new Error('A row is asked for before there are any.');
    return treeItem(idOf(node), this.shown.row(node));
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    const { model, shown } = await this.loaded();
    await model.opened(node);
    // It may have been hidden meanwhile, when there was no model to tell, or before that began to look.
    if (!this.view.visible) model.closed();
    return shown.children(node);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.pending);
    this.held.dispose();
    this.heldByModel.dispose();
  }

  private loaded(): Promise<{ readonly model: TreeModel; readonly shown: ShownRows }> {
    this.loading ??= this.options.load(this.heldByModel).then((model) => {
      const shown = new ShownRows(model);
      this.model = this.heldByModel.add(model);
      this.shown = shown;
      if (!this.disposed) {
        model.onDidChange(() => this.tellSoon());
        // A model may look from its making on.
        if (!this.view.visible) model.closed();
      }
      return { model, shown };
    });
    return this.loading;
  }

  private seen(visible: boolean): void {
    if (visible) this.changed.fire(undefined);
    else {
      clearTimeout(this.pending);
      this.pending = undefined;
      this.model?.closed();
    }
  }

  private tellSoon(): void {
    if (this.disposed || !this.view.visible) return;
    this.pending ??= setTimeout(() => this.tell(), Math.max(0, this.toldAt + leastBetweenMs - Date.now()));
  }

  private tell(): void {
    this.pending = undefined;
    this.toldAt = Date.now();
    const changed = this.shown?.changed();
    if (changed === 'all') this.changed.fire(undefined);
    else if (changed !== undefined && changed.length > 0) this.changed.fire([...changed]);
  }
}
