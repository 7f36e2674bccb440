import { SitespanError } from '../base/errors.js';
import { DiracGrid } from '../grid/dirac/diracGrid.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import type { GridCall } from '../grid/grid.js';

/**
 * The sites of a grid that were wished for, by the grid's own names, once it has said that none of them is banned: so nothing
 * is made that would only wait.
 *
 * @param grid by which name it was added
 * @param wished in any case of letters; without any, all that are open
 * @throws SitespanError `site-unknown`, `site-banned`; those of `DiracClient.call`
 */
export async function openSites(
  grid: string,
  { spec }: GridDescription,
  wished: readonly string[],
  call?: GridCall,
): Promise<readonly string[]> {
  const known = new Map(spec.sites.map((name) => [name.toLowerCase(), name]));
  const named = wished.map((name) => {
    const found = known.get(name.toLowerCase());
    if (found !== undefined) return found;
    throw new SitespanError('site-unknown', `The grid ${grid} has no site ${name}; it has ${spec.sites.join(', ')}.`);
  });
  const sites = named.length === 0 ? spec.sites : [...new Set(named)];
  const dirac = new DiracGrid(grid, spec);
  try {
    const banned = (await dirac.sites(call)).filter((site) => site.banned && sites.includes(site.name));
    const open = sites.filter((site) => !banned.some(({ name }) => name === site));
    if (open.length > 0 && (banned.length === 0 || named.length === 0)) return open;
    const said = banned.map(({ name, gridWords }) => `${name} (${gridWords ?? 'banned'})`).join(', ');
    throw new SitespanError(
      'site-banned',
      `The grid ${grid} sends no jobs to ${said} now; choose other sites ("sitespan sites ${grid}" shows them).`,
    );
  } finally {
    await dirac.dispose();
  }
}
