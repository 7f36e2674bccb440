import { SitespanError } from '../../base/errors.js';
import { proxyFacts, readProxyFile } from '../../credentials/proxyFile.js';
import type { GridCall } from '../grid.js';
import { diracSpec } from '../gridSpec.js';
import type { ConfiguredGroup, DiracConfiguration } from './configuration.js';
import { DiracClient } from './diracClient.js';
import { findConfiguration, readClientFile } from './findConfiguration.js';
import { findServices } from './findServices.js';
import { type GridQuestion, groupOf, isQuestion, setupOf, sitesOf, voOf } from './gridAnswers.js';
import type { GridDescription } from './gridDescription.js';
import { knownSites, whoAmI } from './siteCalls.js';

/** What somebody knows of a grid: one of the first three, and any of the rest. */
export interface GridClues {
  /** Where its services are, `https://dirac.example:8443`: what others call the submission URL. */
  readonly url?: string | undefined;
  /** Its configuration server: `https://dirac.example:9135/Configuration/Server`. */
  readonly configuration?: string | undefined;
  /** Path of a `dirac.cfg` that a client of this grid has. */
  readonly cfg?: string | undefined;
  readonly setup?: string | undefined;
  readonly vo?: string | undefined;
  readonly group?: string | undefined;
  /** In any case of letters; all that the VO may use where none is named. */
  readonly sites?: readonly string[] | undefined;
  readonly proxy: string;
  readonly caDirectory: string;
}

/** A grid as far as it could be found out, and what has to be told before it can be used. */
export interface DescribedGrid {
  /** Absent while there are questions. */
  readonly description?: GridDescription;
  readonly questions: readonly GridQuestion[];
  /** Those that its configuration has the proxy's owner in; none where it does not tell. */
  readonly groups: readonly ConfiguredGroup[];
  /** Sentences about what was not to be had. */
  readonly remarks: readonly string[];
}

/**
 * Finds out what there is to know of a DIRAC, with an ordinary user's proxy: from its configuration server, a client's own
 * file and the sites it tells. What is given goes before all that is found.
 *
 * @throws SitespanError those of `DiracClient.call` and of the proxy; `grid-clues-missing`, `cfg-missing`, `cfg-invalid`,
 *   `grid-dips`, `setup-unknown`, `group-unknown`, `site-unknown`, `grid-description-invalid`
 */
export async function describeGrid(clues: GridClues, call?: GridCall): Promise<DescribedGrid> {
  const { proxy, caDirectory } = clues;
  const file = clues.cfg === undefined ? undefined : await readClientFile(clues.cfg);
  const inProxy = proxyFacts(proxy, (await readProxyFile(proxy)).chain).group;

  const first = new DiracClient({ url: clues.url ?? '', services: {}, proxy, caDirectory });
  try {
    const { configuration, address, remarks } = await findConfiguration(first, clues, file, call);
    const setup = setupOf(clues.setup ?? file?.setup, configuration);
    // Without it nothing else can be found in the configuration.
    if (isQuestion(setup)) return { questions: [setup], groups: [], remarks };
    const places = await findServices(first, clues.url, configuration?.servicesOf(setup), call);
    const { url, services, proxyManager } = places;

    const known = new DiracClient({ url, services, setup, vo: clues.vo ?? '', proxy, caDirectory });
    try {
      const group = groupOf(clues.group ?? inProxy ?? (await whoAmI(known, call)).group ?? undefined, configuration);
      const voFound = isQuestion(group) ? undefined : configuration?.groups.find(({ name }) => name === group)?.vo;
      const vo = voOf(clues.vo ?? voFound ?? file?.vo ?? configuration?.vo, configuration);
      const sites = sitesOf(clues.sites, await sitesThere(known, configuration, isQuestion(vo) ? undefined : vo, call));
      const groups = await groupsOfMe(known, configuration, call);
      const questions = [group, vo, sites].filter(isQuestion);
      if (questions.length > 0) return { questions, groups, remarks };
      const spec = diracSpec.safeParse({ kind: 'dirac', url, services, setup, vo, group, sites, proxy, caDirectory });
      if (!spec.success) {
        const said = spec.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' ');
        throw new SitespanError('grid-description-invalid', `This grid cannot be used as it is described: ${said}`);
      }
      const more = {
        ...(address === undefined ? {} : { configuration: address }),
        ...(proxyManager === undefined ? {} : { proxyManager }),
      };
      return { description: { spec: spec.data, ...more }, questions, groups, remarks };
    } finally {
      await known.close();
    }
  } finally {
    await first.close();
  }
}

async function groupsOfMe(
  client: DiracClient,
  configuration: DiracConfiguration | undefined,
  call?: GridCall,
): Promise<readonly ConfiguredGroup[]> {
  const groups = (configuration?.groups ?? []).filter(({ users }) => users.length > 0);
  if (groups.length === 0) return [];
  try {
    const { username } = await whoAmI(client, call);
    return groups.filter(({ users }) => users.includes(username));
  } catch (error) {
    call?.signal?.throwIfAborted();
    // They are only offered; whether the service is good is found when it is checked.
    if (SitespanError.is(error)) return [];
    throw error;
  }
}

/** The configuration's as far as jobs may go there; without it those that the grid tells of. */
async function sitesThere(
  client: DiracClient,
  configuration: DiracConfiguration | undefined,
  vo: string | undefined,
  call?: GridCall,
): Promise<readonly string[]> {
  const told = await knownSites(client, call);
  const configured = (configuration?.sitesOf(vo) ?? []).map(({ name }) => name);
  if (configured.length === 0) return told;
  const open = configured.filter((name) => told.includes(name));
  return open.length === 0 ? configured : open;
}
