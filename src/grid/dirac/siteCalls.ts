import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import type { GridCall } from '../grid.js';
import type { DiracClient, ServicePlace } from './diracClient.js';

/** Jobs of all its users at a site, as a grid counts them. */
export interface SiteJobs {
  readonly waiting: number;
  readonly running: number;
}

const person = z.looseObject({
  username: z.string(),
  group: z.string().nullish(),
  secondsLeft: z.number().nullish(),
});
export type Person = z.infer<typeof person>;

const summary = z.record(z.string(), z.looseObject({ Waiting: z.number().default(0), Running: z.number().default(0) }));
const counters = z.array(z.tuple([z.looseObject({ Status: z.string(), Site: z.string() }), z.number()]));
/** Not places: a sum, and jobs that have none yet. */
const noSites: readonly string[] = ['Total', 'ANY', 'Multiple'];

/** As whom the grid sees us. @throws as `DiracClient.call` */
export function whoAmI(client: DiracClient, call?: GridCall): Promise<Person> {
  return whoAmIAt(client, { address: client.address('JobMonitoring'), service: 'JobMonitoring' }, call);
}

/** Every service of DIRAC's answers that. @throws as `DiracClient.call` */
export async function whoAmIAt(client: DiracClient, at: ServicePlace, call?: GridCall): Promise<Person> {
  return client.callAt(at, 'whoami', [], person, call);
}

/** The grid's word for each site, `Active` or `Banned`; not every DIRAC tells its users, then none. */
export function siteMask(client: DiracClient, call?: GridCall): Promise<Readonly<Record<string, string>>> {
  return client
    .call('WMSAdministrator', 'getSiteMaskStatus', [], z.record(z.string(), z.string()), call)
    .catch(unlessMissing({}));
}

/** How many jobs each site has; undefined where this DIRAC does not tell: DIRAC 9 has neither call. */
export async function siteJobs(
  client: DiracClient,
  call?: GridCall,
): Promise<ReadonlyMap<string, SiteJobs> | undefined> {
  const told = await client.call('JobMonitoring', 'getSiteSummary', [], summary, call).catch(unlessMissing(undefined));
  if (told !== undefined) {
    const rows = Object.entries(told).filter(([site]) => !noSites.includes(site));
    return new Map(rows.map(([site, { Waiting, Running }]) => [site, { waiting: Waiting, running: Running }]));
  }
  const counted = await client
    .call('JobMonitoring', 'getCounters', [['Status', 'Site'], {}], counters, call)
    .catch(unlessMissing(undefined));
  return counted === undefined ? undefined : summed(counted);
}

/** Sites of which the grid tells: those of its mask, and those that have had jobs. */
export async function knownSites(client: DiracClient, call?: GridCall): Promise<readonly string[]> {
  const masked = Object.keys(await siteMask(client, call));
  return masked.length > 0 ? masked : [...((await siteJobs(client, call))?.keys() ?? [])];
}

/** What a DIRAC answers that does not have a call, or not for this user. */
export function unlessMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    const missing = ['grid-method-missing', 'grid-service-missing', 'grid-unauthorized'];
    if (SitespanError.is(error) && missing.includes(error.code)) return instead;
    throw error;
  };
}

function summed(counted: z.infer<typeof counters>): ReadonlyMap<string, SiteJobs> {
  const sums = new Map<string, SiteJobs>();
  for (const [{ Status, Site }, jobs] of counted) {
    if (noSites.includes(Site)) continue;
    const { waiting, running } = sums.get(Site) ?? { waiting: 0, running: 0 };
    sums.set(Site, {
      waiting: waiting + (Status === 'Waiting' ? jobs : 0),
      running: running + (Status === 'Running' ? jobs : 0),
    });
  }
  return sums;
}
