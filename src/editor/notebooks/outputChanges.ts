import type { Output } from '../../notebook/outputs.js';

/** The least that brings a cell from what it shows to what it should show. */
export type OutputChange =
  /** All of it anew. */
  | { readonly kind: 'all' }
  /** Text at the end of a stream. */
  | { readonly kind: 'extend'; readonly at: number; readonly name: string; readonly text: string }
  /** Another content of one output, as a display that is updated. */
  | { readonly kind: 'replace'; readonly at: number; readonly output: Output }
  | { readonly kind: 'append'; readonly outputs: readonly Output[] };

/**
 * How outputs have changed. Both lists hold the same object where an output has not, as `LiveRuns` gives them: so a long
 * output costs nothing while another grows.
 */
export function outputChanges(before: readonly Output[], after: readonly Output[]): readonly OutputChange[] {
  if (before === after) return [];
  if (after.length < before.length) return [{ kind: 'all' }];
  const changes: OutputChange[] = [];
  for (const [at, was] of before.entries()) {
    const is = after[at];
    if (is === undefined || is === was) continue;
    // Its type is part of an output, not of its content.
    if (is.output_type !== was.output_type) return [{ kind: 'all' }];
    if (is.output_type === 'stream' && was.output_type === 'stream') {
      if (is.name !== was.name) return [{ kind: 'all' }];
      if (is.text === was.text) continue;
      if (is.text.startsWith(was.text)) {
        changes.push({ kind: 'extend', at, name: is.name, text: is.text.slice(was.text.length) });
        continue;
      }
    }
    changes.push({ kind: 'replace', at, output: is });
  }
  if (after.length > before.length) changes.push({ kind: 'append', outputs: after.slice(before.length) });
  return changes;
}
