import { SitespanError } from '../../base/errors.js';
import { usualProxyPath } from '../../credentials/proxyFile.js';
import { pick, textIn } from '../pickers.js';
import type { Window } from '../window.js';
import { conditionOf, type KnownProxy } from './knownProxy.js';

/** The path of the proxy a command is for: that it was called on, the only one that is used, the chosen one, or the usual. */
export async function pickProxy(
  { proxies }: Pick<Window, 'proxies'>,
  argument: unknown,
  title: string,
): Promise<string | undefined> {
  const named = textIn(argument, 'proxy');
  if (named !== undefined) return named;
  const known = proxiesMeant(proxies, argument);
  if (known.length === 0) return usualProxyPath();
  const choices = known.map((proxy) => choiceOf(proxy, proxies.now));
  return pick(title, 'Which proxy?', choices, 'No grid here is called with a proxy.');
}

/** Those of the grid's or cluster's row that a command is called on; all from the palette. */
export function proxiesMeant(proxies: Window['proxies'], argument: unknown): readonly KnownProxy[] {
  const [proxy, grid, cluster] = ['proxy', 'grid', 'cluster'].map((key) => textIn(argument, key));
  if (proxy !== undefined) return proxies.known.filter(({ use }) => use.path === proxy);
  if (grid !== undefined) return proxies.ofGrid(grid);
  return cluster === undefined ? proxies.known : proxies.ofCluster(cluster);
}

function choiceOf(proxy: KnownProxy, now: number) {
  const { use, found } = proxy;
  const who =
    found instanceof SitespanError ? [] : [found.identity, ...(found.group === undefined ? [] : [found.group])];
  return {
    ...{ label: use.path, description: conditionOf(proxy, now).words, value: use.path },
    detail: [...who, `for ${[...use.grids, ...use.clusters].join(', ')}`].join(' · '),
  };
}
