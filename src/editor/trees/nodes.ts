import type { Remedy } from '../../base/errors.js';
import type { State } from '../states.js';

/**
 * What a row of a tree stands for. A command gets the row it was called on, so it is also a command's argument; names, not
 * objects, since a row outlives the snapshot that it was made of.
 */
export type TreeNode =
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'pool'; readonly cluster: string; readonly pool: string }
  /** A hundred workers of a large pool, by their place in it. */
  | { readonly kind: 'chunk'; readonly cluster: string; readonly pool: string; readonly from: number }
  | { readonly kind: 'worker'; readonly cluster: string; readonly pool: string; readonly worker: string }
  /** The workers of a pool that were lost of late. */
  | { readonly kind: 'lost'; readonly cluster: string; readonly pool: string }
  | { readonly kind: 'kernels'; readonly cluster: string }
  | { readonly kind: 'kernel'; readonly cluster: string; readonly kernel: string }
  /** Finished runs that were kept. */
  | { readonly kind: 'runs' }
  | { readonly kind: 'run'; readonly run: string }
  | { readonly kind: 'grid'; readonly grid: string }
  | { readonly kind: 'site'; readonly grid: string; readonly site: string }
  /** What a cluster has at a site. */
  | { readonly kind: 'share'; readonly grid: string; readonly site: string; readonly cluster: string }
  /** A problem with its sentence; a click does the remedy. */
  | {
      readonly kind: 'trouble';
      readonly id: string;
      readonly message: string;
      readonly tone: State['tone'];
      readonly remedy?: Remedy;
    };

export type NodeOf<Kind extends TreeNode['kind']> = Extract<TreeNode, { readonly kind: Kind }>;

/** The argument of a command as a row of this kind; undefined for anything else, as from the palette. */
export function nodeOf<Kind extends TreeNode['kind']>(kind: Kind, argument: unknown): NodeOf<Kind> | undefined {
  return isNodeOf(kind, argument) ? argument : undefined;
}

/** The same for two rows that stand for the same, and for no others. */
export function idOf(node: TreeNode): string {
  if (node.kind === 'trouble') return `trouble ${node.id}`;
  const { kind, ...names } = node;
  return [kind, ...Object.values(names)].join(' ');
}

function isNodeOf<Kind extends TreeNode['kind']>(kind: Kind, argument: unknown): argument is NodeOf<Kind> {
  return typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === kind;
}
