import { SitespanError } from '../base/errors.js';
import { parseEnvironment } from '../environment/parseEnvironment.js';
import type { NewCluster } from '../keeper/clusters.js';
import { otherRelay } from '../owner/otherRelay.js';
import { bundleFolder } from './bundleFolder.js';
import type { GivenArguments } from './givenArguments.js';

/** What options say of a cluster that is to be made, wherever its workers go. */
export type GivenCluster = Pick<NewCluster, 'bundle' | 'environment' | 'relay' | 'tenant' | 'userKey'>;

/** @throws SitespanError `usage`, `relay-key-unreadable` */
export async function givenCluster(given: GivenArguments): Promise<GivenCluster> {
  const [python, environment] = [given.text('--python'), given.text('--environment')];
  if (python !== undefined && environment !== undefined) {
    throw new SitespanError('usage', 'Give --python or --environment, not both.');
  }
  const chosen = environment ?? python;
  return {
    bundle: bundleFolder(),
    ...(chosen === undefined ? {} : { environment: parseEnvironment(chosen) }),
    ...(await relayOf(given)),
  };
}

/** A relay that others run: its key is read from a file, for what is in an argument everybody can see. */
async function relayOf(given: GivenArguments): Promise<Pick<GivenCluster, 'relay' | 'tenant' | 'userKey'>> {
  const address = given.text('--relay');
  if (address === undefined) {
    const alone = ['--relay-key', '--relay-ca', '--relay-name', '--tenant'].find((flag) => given.has(flag));
    if (alone !== undefined) throw new SitespanError('usage', `${alone} needs --relay HOST:PORT.`);
    return {};
  }
  const key = given.text('--relay-key');
  if (key === undefined) throw new SitespanError('usage', '--relay needs --relay-key FILE, the key you share with it.');
  const [ca, relayName, tenant] = [given.text('--relay-ca'), given.text('--relay-name'), given.text('--tenant')];
  return otherRelay({ address, key, ca, name: relayName, tenant });
}
