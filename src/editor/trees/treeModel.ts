import type { Disposable } from '../../base/disposable.js';
import type { Event } from '../../base/events.js';
import type { TreeNode } from './nodes.js';
import type { Row } from './row.js';

/** What a tree shows, as it is now: it is asked again when it has changed. */
export interface TreeModel extends Disposable {
  readonly onDidChange: Event;
  /** Of no node, the roots. */
  children(node?: TreeNode): readonly TreeNode[];
  row(node: TreeNode): Row;
  /** Resolves when the children of a node that has just been opened are known, or why not; of none, the tree is seen. */
  opened(node?: TreeNode): Promise<void>;
  /** Nobody sees the children of that node any more; of none, of any. */
  closed(node?: TreeNode): void;
}
