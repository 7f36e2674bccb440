import { isDeepStrictEqual } from 'node:util';
import { idOf, type TreeNode } from './nodes.js';
import type { Row } from './row.js';
import type { TreeModel } from './treeModel.js';

interface Shown {
  readonly node: TreeNode;
  row: Row | undefined;
  /** Ids; undefined while nobody has opened it. */
  children: readonly string[] | undefined;
}

const rootId = '';

/**
 * What VS Code has been given of a tree, so that it is told only of what has become different: a tree of a thousand workers
 * is drawn anew where it changed, not whole.
 *
 * A node of the same id is the same object each time, for VS Code knows rows by that.
 */
export class ShownRows {
  private readonly shown = new Map<string, Shown>();

  constructor(private readonly model: TreeModel) {}

  /** As the model has it now, remembered as shown. */
  children(node?: TreeNode): TreeNode[] {
    const children = this.model.children(node).map((child) => this.same(child));
    const parent = node === undefined ? this.root() : this.entry(node);
    const ids = children.map(idOf);
    const kept = new Set(ids);
    for (const id of parent.children ?? []) if (!kept.has(id)) this.forget(id);
    parent.children = ids;
    return children;
  }

  /** As the model has it now, remembered as shown. */
  row(node: TreeNode): Row {
    const row = this.model.row(node);
    this.entry(node).row = row;
    return row;
  }

  /** The highest nodes that are not as they were shown; `all` where the roots are others. */
  changed(): 'all' | readonly TreeNode[] {
    const root = this.shown.get(rootId);
    if (root?.children === undefined) return [];
    if (this.hasOtherChildren(root, undefined)) return 'all';
    const found: TreeNode[] = [];
    this.collect(root.children, found);
    return found;
  }

  private collect(ids: readonly string[], found: TreeNode[]): void {
    for (const id of ids) {
      const shown = this.shown.get(id);
      if (shown?.row === undefined) continue;
      const isOther = !isDeepStrictEqual(this.model.row(shown.node), shown.row);
      if (isOther || this.hasOtherChildren(shown, shown.node)) found.push(shown.node);
      else this.collect(shown.children ?? [], found);
    }
  }

  private hasOtherChildren({ children }: Shown, node: TreeNode | undefined): boolean {
    return children !== undefined && !isDeepStrictEqual(this.model.children(node).map(idOf), children);
  }

  private same(node: TreeNode): TreeNode {
    return this.entry(node).node;
  }

  private entry(node: TreeNode): Shown {
    const id = idOf(node);
    const known = this.shown.get(id);
    if (known !== undefined) return known;
    const entry: Shown = { node, row: undefined, children: undefined };
    this.shown.set(id, entry);
    return entry;
  }

  private root(): Pick<Shown, 'children'> {
    const root = this.shown.get(rootId) ?? { node: { kind: 'runs' }, row: undefined, children: undefined };
    this.shown.set(rootId, root);
    return root;
  }

  private forget(id: string): void {
    for (const child of this.shown.get(id)?.children ?? []) this.forget(child);
    this.shown.delete(id);
  }
}
