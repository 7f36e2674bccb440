import { SitespanError } from '../base/errors.js';
import { type GridSite, gridSites } from '../owner/gridSites.js';
import { readGrid, readGrids } from '../owner/grids.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { sitesHelp } from './help/gridHelp.js';
import { note, print } from './print.js';
import { table } from './table.js';
import { untilStopped } from './untilStopped.js';

interface Shown {
  readonly grid: string;
  readonly sites: readonly GridSite[];
  readonly trouble?: SitespanError;
}

/** `sitespan sites [GRID]`: one grid that does not answer does not hide the others. @returns 1 where one did not */
export function runSites(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('sites', sitesHelp, argv);
  if (given.words.length > 1) throw given.wrong();
  return untilStopped(async (signal) => {
    const [name] = given.words;
    const grids = name === undefined ? await readGrids() : { [name]: await readGrid(name) };
    const shown = await Promise.all(
      Object.entries(grids).map(async ([grid, description]): Promise<Shown> => {
        try {
          return { grid, sites: await gridSites(grid, description, { signal }) };
        } catch (trouble) {
          signal.throwIfAborted();
          if (!SitespanError.is(trouble)) throw trouble;
          return { grid, sites: [], trouble };
        }
      }),
    );
    if (given.has('--json')) print(JSON.stringify(shown.map(asJson), null, 2));
    else show(shown);
    return shown.some(({ trouble }) => trouble !== undefined) ? 1 : 0;
  });
}

function show(shown: readonly Shown[]): void {
  if (shown.length === 0) print('No grid has been added; add one with: sitespan grid add NAME --configuration URL');
  const { good, bad } = coloursOf(process.stdout);
  const rows = shown.flatMap(({ grid, sites }) =>
    sites.map(({ name, word = '-', jobs, workers }) => [
      ...[grid, name, word === 'Active' ? good(word) : word === '-' ? word : bad(word)],
      ...[String(jobs?.waiting ?? '-'), String(jobs?.running ?? '-'), String(workers)],
    ]),
  );
  const head = ['grid', 'site', 'state', 'waiting', 'running', 'our workers'];
  if (rows.length > 0) {
    for (const line of table([head, ...rows], ['left', 'left', 'left', 'right', 'right', 'right'])) print(line);
  }
  for (const { grid, trouble } of shown) if (trouble !== undefined) note(`sitespan: ${grid}: ${trouble.message}`);
}

function asJson({ grid, sites, trouble }: Shown): object {
  return {
    grid,
    sites,
    ...(trouble === undefined ? {} : { problem: { code: trouble.code, message: trouble.message } }),
  };
}
