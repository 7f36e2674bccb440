import { SitespanError } from '../base/errors.js';
import { calls, type GridSnapshot, type Verdict } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';

/** A site of a cluster's grids. */
export interface SitePlace {
  readonly grid: string;
  readonly site: string;
}

export interface ProbedSite extends SitePlace {
  readonly verdict: Verdict;
}

/**
 * The sites that a person means: all that are not banned, or those named, without regard to case.
 *
 * @throws SitespanError `site-unknown`
 */
export function chosenSites(grids: readonly GridSnapshot[], names: readonly string[]): SitePlace[] {
  const all = grids.flatMap(({ grid, sites }) => sites.map(({ name, banned }) => ({ grid, site: name, banned })));
  if (names.length === 0) return all.filter(({ banned }) => !banned).map(({ grid, site }) => ({ grid, site }));
  return names.flatMap((name) => {
    const found = all.filter(({ site }) => site.toLowerCase() === name.toLowerCase());
    if (found.length > 0) return found.map(({ grid, site }) => ({ grid, site }));
    const there = all.map(({ site }) => site).join(', ');
    throw new SitespanError('site-unknown', `The cluster has no site ${name}; there are ${there}.`);
  });
}

/**
 * Sends one short job to each of these sites, all at once.
 *
 * @param tell called with each as its verdict comes
 * @returns in the order of the places
 * @throws SitespanError as the keeper's `probeSite`; the signal's reason
 */
export async function probeSites(
  client: KeeperClient,
  places: readonly SitePlace[],
  tell: (probed: ProbedSite) => void,
  signal?: AbortSignal,
): Promise<ProbedSite[]> {
  return Promise.all(
    places.map(async ({ grid, site }) => {
      const verdict = await client.call(calls.probeSite, { grid, site }, signal);
      const probed = { grid, site, verdict };
      tell(probed);
      return probed;
    }),
  );
}

/** What is to be said before workers are asked of these sites: the last verdict of each that was found unfit. */
export function warningsOf(grids: readonly GridSnapshot[], grid: string, sites: readonly string[]): string[] {
  const own = grids.find((one) => one.grid === grid)?.sites ?? [];
  return own.flatMap(({ name, verdict }) =>
    verdict === undefined || verdict.ok || !sites.includes(name) ? [] : [sentenceOfVerdict(name, verdict)],
  );
}

export function sentenceOfVerdict(site: string, { at, sentence }: Verdict): string {
  const when = new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return `The last probe of ${site}, at ${when} UTC: ${sentence}`;
}

/** The warnings of `warningsOf`, as a cluster's keeper tells them; none where that is too old to tell. @throws SitespanError the keeper's */
export async function warningsAbout(
  client: KeeperClient,
  grid: string,
  sites: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  try {
    return warningsOf(await client.call(calls.listSites, {}, signal), grid, sites);
  } catch (error) {
    if (SitespanError.is(error, 'call-unknown')) return [];
    throw error;
  }
}
