import { clusterNames, gridNames, kernelNames, poolNames, siteNames, workerNames } from '../owner/clusterNames.js';
import type { CommandHelp, Completes, OptionHelp } from './commandHelp.js';
import { commands, isCommand } from './commands.js';

/** The names there are to complete with. */
export interface Names {
  clusters(): Promise<readonly string[]>;
  pools(cluster: string): Promise<readonly string[]>;
  workers(cluster: string): Promise<readonly string[]>;
  sites(cluster: string): Promise<readonly string[]>;
  kernels(cluster: string): Promise<readonly string[]>;
  grids(): Promise<readonly string[]>;
}

const realNames: Names = {
  clusters: clusterNames,
  pools: poolNames,
  workers: workerNames,
  sites: siteNames,
  kernels: kernelNames,
  grids: gridNames,
};

/** `sitespan complete-words WORD…`, for the shell: a line each of what the last word may become; none for a path. */
export async function runCompleteWords(argv: readonly string[]): Promise<number> {
  // What goes wrong while somebody types is not for the middle of their line.
  const found = await completions(argv, realNames).catch(() => []);
  for (const word of found) process.stdout.write(`${word}\n`);
  return 0;
}

/** @param words all behind `sitespan`; the last is being typed */
export async function completions(words: readonly string[], names: Names): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  const [name = '', ...before] = words.slice(0, -1);
  const could =
    words.length < 2
      ? Object.keys(commands)
      : isCommand(name)
        ? await afterCommand(commands[name], before, typed, names)
        : [];
  return could.filter((word) => word.startsWith(typed));
}

async function afterCommand(
  help: CommandHelp,
  before: readonly string[],
  typed: string,
  names: Names,
): Promise<readonly string[]> {
  // What follows is for the program that is run.
  if (before.includes('--')) return [];
  const last = before.at(-1);
  const asking = last === undefined ? undefined : optionOf(help, last);
  const given = wordsOf(help, before);
  if (asking?.value !== undefined) return named(asking.completes ?? 'path', given, names);
  if (typed.startsWith('-')) return [...help.options.map(({ flag }) => flag), '--help'];
  const { words = [] } = help;
  const next = words[given.length] ?? (help.usage.includes('…') ? words.at(-1) : undefined);
  const found = next === undefined ? [] : await named(next, given, names);
  return found.filter((word) => !given.slice(1).includes(word));
}

/** Those given so far that are no options and no options' values. */
function wordsOf(help: CommandHelp, before: readonly string[]): string[] {
  return before.filter((word, index) => {
    const previous = before[index - 1];
    const isValue = previous !== undefined && optionOf(help, previous)?.value !== undefined;
    return !word.startsWith('-') && !isValue;
  });
}

function optionOf(help: CommandHelp, word: string): OptionHelp | undefined {
  return help.options.find(({ flag, short }) => word === flag || word === short);
}

async function named(what: Completes, given: readonly string[], names: Names): Promise<readonly string[]> {
  if (typeof what !== 'string') return what;
  const [cluster = ''] = given;
  switch (what) {
    case 'cluster':
      return names.clusters();
    case 'pool':
      return names.pools(cluster);
    case 'worker':
      return names.workers(cluster);
    case 'site':
      return names.sites(cluster);
    case 'kernel':
      return kernelsOfAll(names);
    case 'grid':
      return names.grids();
    case 'command':
      return Object.keys(commands);
    case 'path':
    case 'nothing':
      return [];
  }
}

/** Clusters, and their kernels as `CLUSTER/KERNEL`. */
async function kernelsOfAll(names: Names): Promise<string[]> {
  const clusters = await names.clusters();
  const each = await Promise.all(
    clusters.map(async (cluster) => {
      const ids = await names.kernels(cluster).catch(() => []);
      return [cluster, ...ids.map((id) => `${cluster}/${id}`)];
    }),
  );
  return each.flat();
}
