import * as vscode from 'vscode';
import { views } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import type { TreeNode } from './nodes.js';

/** Clusters → pools → workers. */
export class ClustersTree implements vscode.TreeDataProvider<TreeNode> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly fleet: Fleet) {}

  /** Shows it; looks at the clusters only while the view is visible. */
  static register(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
    const tree = new ClustersTree(fleet);
    const view = vscode.window.createTreeView(views.clusters, { treeDataProvider: tree, showCollapseAll: true });
    const heard = fleet.onDidChange(() => tree.changed.fire(undefined));
    const shown = view.onDidChangeVisibility(({ visible }) => {
      if (visible) fleet.refresh().catch(onError);
    });
    return vscode.Disposable.from(view, heard, shown, tree.changed);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const label = node.kind === 'cluster' ? node.cluster : node.kind;
    return new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return node === undefined ? this.fleet.clusters.map(({ name }) => ({ kind: 'cluster', cluster: name })) : [];
  }
}
