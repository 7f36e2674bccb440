import { createHash } from 'node:crypto';
import type { CellPlace } from '../../notebook/recordLines.js';

/** A code cell of an open notebook, as far as it is needed to find it again. */
export interface PlacedCell {
  /** The id that nbformat 4.5 gives it; a new cell has none for a moment, one of an older notebook never. */
  readonly id: string | undefined;
  /** Its place among all cells, from 0. */
  readonly index: number;
  readonly source: string;
}

/** What is sent along with a cell, so that any window finds it again: VS Code's own names of cells are dealt out anew at each load. */
export function placeOf({ id, index, source }: PlacedCell): {
  readonly id?: string;
  readonly index: number;
  readonly hash: string;
} {
  return { ...(id === undefined ? {} : { id }), index, hash: hashOf(source) };
}

/** The cell that was run: by its id; without one by its text, nearest to where it was; else where it was. */
export function cellAt<Cell extends PlacedCell>(cells: readonly Cell[], place: CellPlace): Cell | undefined {
  if (place.id !== undefined) {
    const same = cells.find(({ id }) => id === place.id);
    if (same !== undefined) return same;
  }
  const [nearest] = cells
    .filter(({ source }) => hashOf(source) === place.hash)
    .sort((a, b) => Math.abs(a.index - place.index) - Math.abs(b.index - place.index));
  if (nearest !== undefined) return nearest;
  // A cell that had an id and is not here was deleted; another one stands in its place.
  return place.id === undefined ? cells.find(({ index }) => index === place.index) : undefined;
}

export function hashOf(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 16);
}
