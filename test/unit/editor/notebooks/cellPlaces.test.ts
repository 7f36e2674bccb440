import assert from 'node:assert/strict';
import { cellAt, type PlacedCell, placeOf } from '../../../../src/editor/notebooks/cellPlaces.js';

describe('Places of cells', () => {
  const cell = (index: number, source: string, id?: string): PlacedCell => ({ id, index, source });
  const found = (was: PlacedCell, now: readonly PlacedCell[]): number | undefined => cellAt(now, placeOf(was))?.index;

  it('are found by the id, wherever the cell is now and whatever it says', () => {
    assert.equal(found(cell(0, 'x', 'a'), [cell(0, 'x', 'new'), cell(1, 'x + 1', 'a')]), 1);
  });

  it('are found by the text nearest to where it was, where there is no id', () => {
    const now = [cell(0, 'same'), cell(1, 'other'), cell(4, 'same'), cell(9, 'same')];
    assert.equal(found(cell(5, 'same'), now), 4);
    assert.equal(found(cell(1, 'same'), now), 0);
  });

  it('are found by the text where a new cell has got its id only later', () => {
    assert.equal(found(cell(1, 'x'), [cell(0, 'y', 'b'), cell(2, 'x', 'a')]), 2);
  });

  it('are where they were, for a cell without id that was edited', () => {
    assert.equal(found(cell(1, 'x'), [cell(0, 'y'), cell(1, 'x + 1')]), 1);
  });

  it('are nowhere when the cell was deleted', () => {
    assert.equal(found(cell(1, 'x', 'a'), [cell(0, 'y', 'b'), cell(1, 'z', 'c')]), undefined);
    assert.equal(found(cell(7, 'x'), [cell(0, 'y')]), undefined);
  });
});
