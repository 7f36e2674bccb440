import { SitespanError } from '../../base/errors.js';
import type { GridCall } from '../grid.js';
import { type DiracServices, diracServices } from '../gridSpec.js';
import type { ConfiguredServices } from './configuration.js';
import type { DiracClient } from './diracClient.js';
import { whoAmIAt } from './siteCalls.js';

export interface FoundServices {
  /** Where those are that `services` does not name. */
  readonly url: string;
  readonly services: DiracServices;
  readonly proxyManager?: string;
}

/**
 * Where a grid's services are: as its configuration has them, else looked for at `url` under the two names that DIRAC's
 * installer gives them.
 *
 * @throws SitespanError `grid-dips`; those of `DiracClient.call`
 */
export async function findServices(
  client: DiracClient,
  url: string | undefined,
  configured: ConfiguredServices | undefined,
  call?: GridCall,
): Promise<FoundServices> {
  const { JobManager, JobMonitoring } = configured?.services ?? {};
  if (configured !== undefined && JobManager !== undefined && JobMonitoring !== undefined) {
    const { services, proxyManager } = configured;
    const base = url ?? new URL(JobManager).origin;
    return { url: base, services: differing(services, base), ...(proxyManager === undefined ? {} : { proxyManager }) };
  }
  if (url === undefined) {
    const what = configured?.unusable.length ? `${configured.unusable.join(', ')} over dips:// only` : 'no JobManager';
    throw new SitespanError(
      'grid-dips',
      `This grid's configuration has ${what}, and only services over https:// can be used; ask its administrator for their address, and give it.`,
    );
  }
  const found = await Promise.all(
    diracServices.map(async (name) => [name, await look(client, url, name, call)] as const),
  );
  const services = Object.fromEntries(found.flatMap(([name, at]) => (at === undefined ? [] : [[name, at]])));
  return { url, services: { ...services, ...differing(configured?.services ?? {}, url) } };
}

/** @returns its address where that is not the plain one. @throws SitespanError what the first address ends with, where neither is there */
async function look(client: DiracClient, url: string, service: string, call?: GridCall): Promise<string | undefined> {
  const plain = await answers(client, plainAddress(url, service), service, call);
  if (plain === undefined) return undefined;
  const other = plainAddress(url, `Tornado${service}`);
  if ((await answers(client, other, service, call)) === undefined) return other;
  // Not every user's DIRAC tells of its sites.
  if (service === 'WMSAdministrator') return undefined;
  throw plain;
}

/** @returns undefined where it does, else why not. @throws SitespanError where it is another trouble than a service missing */
async function answers(
  client: DiracClient,
  address: string,
  service: string,
  call?: GridCall,
): Promise<SitespanError | undefined> {
  try {
    await whoAmIAt(client, { address, service }, call);
    return undefined;
  } catch (error) {
    if (SitespanError.is(error, 'grid-service-missing')) return error;
    // It may not be for everybody, but it is there.
    if (SitespanError.is(error, 'grid-unauthorized') && service === 'WMSAdministrator') return undefined;
    throw error;
  }
}

/** Only those that are not where they would be looked for. */
function differing(services: DiracServices, url: string): DiracServices {
  return Object.fromEntries(
    diracServices.flatMap((name) => {
      const address = services[name];
      return address === undefined || address === plainAddress(url, name) ? [] : [[name, address]];
    }),
  );
}

function plainAddress(url: string, service: string): string {
  return `${url.replace(/\/$/, '')}/WorkloadManagement/${service}`;
}
