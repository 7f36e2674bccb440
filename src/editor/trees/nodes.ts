/**
 * What a row of a tree stands for. A command gets the row it was called on, so it is also a command's argument; names, not
 * objects, since a row outlives the snapshot that it was made of.
 */
export type TreeNode =
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'pool'; readonly cluster: string; readonly pool: string }
  | { readonly kind: 'worker'; readonly cluster: string; readonly pool: string; readonly worker: string }
  | { readonly kind: 'kernels'; readonly cluster: string }
  | { readonly kind: 'kernel'; readonly cluster: string; readonly kernel: string }
  | { readonly kind: 'run'; readonly run: string }
  | { readonly kind: 'grid'; readonly grid: string }
  | { readonly kind: 'site'; readonly grid: string; readonly site: string }
  /** A problem with its sentence; a click does the remedy. */
  | {
      readonly kind: 'trouble';
      readonly id: string;
      readonly message: string;
      readonly remedy?: { readonly command: string; readonly label: string; readonly arguments?: readonly unknown[] };
    };

export type NodeOf<Kind extends TreeNode['kind']> = Extract<TreeNode, { readonly kind: Kind }>;

/** The argument of a command as a row of this kind; undefined for anything else, as from the palette. */
export function nodeOf<Kind extends TreeNode['kind']>(kind: Kind, argument: unknown): NodeOf<Kind> | undefined {
  return isNodeOf(kind, argument) ? argument : undefined;
}

function isNodeOf<Kind extends TreeNode['kind']>(kind: Kind, argument: unknown): argument is NodeOf<Kind> {
  return typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === kind;
}
