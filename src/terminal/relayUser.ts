import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { writeAtomically, writeOnce } from '../base/writeAtomically.js';
import { knownDeployment } from '../owner/relay/deployment.js';
import { invitationLines } from '../owner/relay/deploymentPage.js';
import { tenantsOverSsh } from '../owner/relay/deployOverSsh.js';
import {
  addRelayUser,
  relayUsers,
  removeRelayUser,
  type TenantsPlace,
  tenantsHere,
} from '../owner/relay/relayUsers.js';
import { Ssh } from '../owner/relay/ssh.js';
import type { GivenArguments } from './givenArguments.js';
import { note, print } from './print.js';

/** `sitespan relay user add|list|remove [NAME]`: who may use a relay. */
export async function relayUser(given: GivenArguments, signal: AbortSignal): Promise<number> {
  const [, what, name, ...more] = given.words;
  if (more.length > 0 || (what === 'list') !== (name === undefined)) throw given.wrong();
  const place = placeOf(given, signal);
  switch (what) {
    case 'add':
      await add(place, name ?? '', given);
      return 0;
    case 'list': {
      const users = await relayUsers(place);
      if (given.has('--json')) print(JSON.stringify(users));
      else for (const user of users) print(user);
      return 0;
    }
    case 'remove':
      await removeRelayUser(place, name ?? '');
      print(`${name} is a stranger to the relay from now on; what is open goes on until it dials again.`);
      note('To cut that, too: systemctl --user restart sitespan-relay, on its host.');
      return 0;
    default:
      throw given.wrong();
  }
}

function placeOf(given: GivenArguments, signal: AbortSignal): TenantsPlace {
  const [tenants, host, config] = [given.text('--tenants'), given.text('--host'), given.text('--ssh-config')];
  if ((tenants === undefined) === (host === undefined)) {
    throw new SitespanError(
      'usage',
      'Give --host HOST for a relay that was deployed there, or --tenants FILE on its host.',
    );
  }
  if (tenants !== undefined) return tenantsHere(resolve(tenants));
  const ssh = new Ssh({ host: host ?? '', config: config === undefined ? undefined : resolve(config) });
  return tenantsOverSsh(ssh, signal);
}

async function add(place: TenantsPlace, name: string, given: GivenArguments): Promise<void> {
  const out = given.text('--out');
  // Before anybody is added: a key that cannot be told is lost.
  if (out !== undefined && !(await writeOnce(resolve(out), ''))) {
    throw new SitespanError('relay-key-exists', `${out} is there already; give another file for the key.`);
  }
  const key = await addedOr(place, name, out);
  const host = given.text('--host');
  const relay = host === undefined ? undefined : await knownDeployment(host);
  if (given.has('--json')) {
    const at = relay === undefined ? {} : { address: `${relay.address}:${relay.port}`, authority: relay.authority };
    print(JSON.stringify({ user: name, ...(out === undefined ? { key } : { keyFile: resolve(out) }), ...at }, null, 2));
    return;
  }
  if (out === undefined) print(`key of ${name}, shown this once: ${key}`);
  else print(`The key of ${name} is in ${out} (mode 0600); give it to them on a way that others cannot read.`);
  if (relay === undefined) return;
  const { address, port, authority } = relay;
  print(`They need it, ${authority === undefined ? '' : `the authority ${authority} (no secret), `}and one of these:`);
  const theirs = authority === undefined ? undefined : 'authority.pem';
  for (const line of invitationLines({ address, port, user: name, authority: theirs, keyFile: `${name}.user-key` }))
    print(line);
}

/** Adds the user and keeps the key; a file that was made for it goes where nobody was added. */
async function addedOr(place: TenantsPlace, name: string, out: string | undefined): Promise<string> {
  try {
    const key = await addRelayUser(place, name);
    if (out !== undefined) await writeAtomically(resolve(out), `${key}\n`);
    return key;
  } catch (error) {
    if (out !== undefined) await rm(resolve(out), { force: true });
    throw error;
  }
}
