import { SitespanError } from '../base/errors.js';
import { usualAuthorityFolder } from '../credentials/authorityFolder.js';
import { proxyFacts, readProxyFile, usualProxyPath } from '../credentials/proxyFile.js';
import { describeGrid, type GridClues } from '../grid/dirac/describeGrid.js';
import type { GridQuestion } from '../grid/dirac/gridAnswers.js';
import type { GridDescription } from '../grid/dirac/gridDescription.js';
import type { GridCall } from '../grid/grid.js';
import type { GridSpec } from '../grid/gridSpec.js';
import { readGrid } from './grids.js';
import { openSites } from './openSites.js';

/** What somebody knows of a grid that was not added; its proxy and authorities are where they usually are. */
export interface FreshGrid extends Omit<GridClues, 'proxy' | 'caDirectory'> {
  readonly proxy?: string | undefined;
  readonly caDirectory?: string | undefined;
}

/** Or the name that one was added with. */
export type GridWish = string | FreshGrid;

/** Where a pool's workers go, and what its cluster has to know of that. */
export interface GridPlace {
  /** The name by which the cluster knows the grid. */
  readonly grid: string;
  readonly spec: GridSpec;
  readonly sites: readonly string[];
}

/** How whoever asks can answer, by what the question is about: `owner_group=…`. */
export type AnswerWords = Readonly<Record<GridQuestion['about'], string>>;

/** By which a cluster knows a grid that nobody gave a name. */
const unnamed = 'dirac';

/**
 * Where jobs for these sites go: the grid is looked up, or found out and not added, and asked whether the sites are open.
 *
 * @param wished in any case of letters; all that are open where none is named
 * @throws SitespanError `grid-question`, `group-differs`; as `readGrid`, `describeGrid` and `openSites`
 */
export async function gridPlace(
  wish: GridWish,
  wished: readonly string[],
  words: AnswerWords,
  call?: GridCall,
): Promise<GridPlace> {
  const isNamed = typeof wish === 'string';
  const description = isNamed ? await readGrid(wish) : await found(wish, wished, words, call);
  const grid = isNamed ? wish : unnamed;
  return { grid, spec: description.spec, sites: await openSites(grid, description, wished, call) };
}

async function found(
  wish: FreshGrid,
  wished: readonly string[],
  words: AnswerWords,
  call?: GridCall,
): Promise<GridDescription> {
  const clues = {
    ...wish,
    proxy: wish.proxy ?? usualProxyPath(),
    caDirectory: wish.caDirectory ?? usualAuthorityFolder(),
  };
  await checkGroup(clues);
  const all = await describeGrid(clues, call);
  if (all.description !== undefined) return all.description;
  // Only where a grid tells of no sites, those that were named are all there are.
  const rest = wished.length === 0 ? all : await describeGrid({ ...clues, sites: wished }, call);
  if (rest.description !== undefined) return rest.description;
  throw unanswered(rest.questions, words);
}

/** DIRAC runs jobs in the proxy's group, whatever else is said. */
async function checkGroup({ proxy, group }: GridClues): Promise<void> {
  const inProxy = proxyFacts(proxy, (await readProxyFile(proxy)).chain).group;
  if (group === undefined || inProxy === undefined || group === inProxy) return;
  throw new SitespanError(
    'group-differs',
    `The proxy ${proxy} is of the group ${inProxy}, and jobs are to be of ${group}; make a proxy of that group with "sitespan proxy init --group ${group}", or leave the group to the proxy.`,
  );
}

/** What has to be told before a grid can be used, and how. */
export function unanswered(questions: readonly GridQuestion[], words: AnswerWords): SitespanError {
  const sentences = questions.map(({ about, sentence, choices }) => {
    const among = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
    return `${sentence} Say it with ${words[about]}${among}.`;
  });
  return new SitespanError('grid-question', sentences.join(' '));
}
