import { SitespanError } from '../../base/errors.js';
import type { GridCall } from '../grid.js';
import { DiracConfiguration } from './configuration.js';
import type { DiracClient } from './diracClient.js';

/**
 * Whether a DIRAC will let a person into a group, from its registry, which everybody may read whom it knows.
 *
 * A proxy with a group that is not its owner's is refused everywhere with a bare 401, as a stranger is; so this is asked with
 * the certificate itself, for which DIRAC takes a group that it has.
 *
 * @param address of the configuration server
 * @param dn of the certificate that `client` calls with
 * @returns what does not decide
 * @throws SitespanError `grid-person-unknown`, `group-unknown`, `group-not-yours`; those of `DiracClient.call`
 */
export async function checkMembership(
  client: DiracClient,
  address: string,
  { dn, group }: { readonly dn: string; readonly group: string },
  call?: GridCall,
): Promise<readonly string[]> {
  const { host } = new URL(address);
  let configuration: DiracConfiguration;
  try {
    configuration = await DiracConfiguration.fetch(client, address, call);
  } catch (cause) {
    if (!SitespanError.is(cause, 'grid-unauthorized')) throw cause;
    throw new SitespanError(
      'grid-person-unknown',
      `DIRAC at ${host} has nobody with the certificate ${dn} in any VO; register with your VO, or have it add this certificate to your name (after a proxy of a group that is not yours, wait a minute).`,
      { cause },
    );
  }
  const { groups } = configuration;
  const names = configuration.usersOf(dn);
  const yours = groups.filter(({ users }) => users.some((user) => names.includes(user)));
  const others = yours.length === 0 ? 'you are in none' : `you are in ${yours.map(({ name }) => name).join(', ')}`;
  const wished = groups.find(({ name }) => name === group);
  if (wished === undefined) {
    throw new SitespanError(
      'group-unknown',
      `DIRAC at ${host} has no group ${group}; ${others}: take one of yours, or ask your VO what it is called.`,
    );
  }
  if (!yours.includes(wished)) {
    throw new SitespanError(
      'group-not-yours',
      `You are not in the group ${group} of DIRAC at ${host} (${names.join(', ') || dn}); ${others}: take one of yours, or ask your VO to add you.`,
    );
  }
  if (wished.vo !== undefined || configuration.vo !== undefined) return [];
  return [
    `The group ${group} of DIRAC at ${host} is of no VO, so sites take no jobs of it; take a group of your VO for jobs.`,
  ];
}
