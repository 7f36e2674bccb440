import { SitespanError } from '../../base/errors.js';
import type { GridDescription } from '../../grid/dirac/gridDescription.js';
import { commands } from '../../ids.js';
import { pick } from '../pickers.js';
import { nodeOf } from '../trees/nodes.js';

/**
 * The name of the grid a command is for: that of the row it was called on, the only one, or the one chosen.
 *
 * @throws SitespanError `nothing-to-choose` where none was added, with the way to do it; as `readGrids`
 */
export async function pickGrid(argument: unknown, title: string): Promise<string | undefined> {
  const { readGrids } = await import('../../owner/grids.js');
  const grids = Object.entries(await readGrids());
  const named = nodeOf('grid', argument)?.grid;
  if (named !== undefined && grids.some(([name]) => name === named)) return named;
  const remedy = { command: commands.addGrid, label: 'Add Grid' };
  if (named !== undefined) {
    const why = `The grid ${named} was not added on this computer, or is not any more; clusters that have it keep it.`;
    throw new SitespanError('nothing-to-choose', why, { remedy });
  }
  if (grids.length === 0) {
    throw new SitespanError('nothing-to-choose', 'No grid has been added on this computer yet.', { remedy });
  }
  return pick(title, 'Which grid?', grids.map(choiceOf), 'No grid has been added.');
}

function choiceOf([name, { spec }]: [string, GridDescription]) {
  const { url, group, sites } = spec;
  return { label: name, description: `${new URL(url).host} · ${group}`, detail: sites.join(', '), value: name };
}
