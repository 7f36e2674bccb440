import { SitespanError } from '../base/errors.js';
import type { DescribedGrid, GridClues } from '../grid/dirac/describeGrid.js';
import type { Site } from '../grid/grid.js';
import type { DiracSpec } from '../grid/gridSpec.js';

/** A grid as far as it could be found out, with what it says of its sites where it is known whole. */
export interface FoundGrid extends DescribedGrid {
  readonly sites: readonly Site[];
}

/** Finds grids out while somebody is asked about them: what was found last is there at once when the same is asked again. */
export class GridFinder {
  private last: { readonly clues: string; readonly found: FoundGrid } | undefined;

  /** @throws SitespanError those of `describeGrid` and `DiracGrid.sites` */
  async find(clues: GridClues, signal?: AbortSignal): Promise<FoundGrid> {
    const key = JSON.stringify(clues);
    if (this.last?.clues === key) return this.last.found;
    try {
      const { describeGrid } = await import('../grid/dirac/describeGrid.js');
      const described = await describeGrid(clues, { signal });
      const spec = described.description?.spec;
      const found = { ...described, sites: spec === undefined ? [] : await sitesOf(spec, signal) };
      this.last = { clues: key, found };
      return found;
    } catch (error) {
      if (!SitespanError.is(error, 'grid-unreachable')) throw error;
      // Nobody tries again here but the person.
      const sentence = error.message.replace(
        /; it is tried again\.$/,
        '; check the address, and whether a firewall lets it out.',
      );
      throw new SitespanError(error.code, sentence, { cause: error });
    }
  }
}

async function sitesOf(spec: DiracSpec, signal?: AbortSignal): Promise<readonly Site[]> {
  const { DiracGrid } = await import('../grid/dirac/diracGrid.js');
  const grid = new DiracGrid('new', spec);
  try {
    return await grid.sites({ signal });
  } finally {
    await grid.dispose();
  }
}
