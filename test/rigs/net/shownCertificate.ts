import { connect, type PeerCertificate } from 'node:tls';
import { dialRelay } from '../../../src/relay/dial.js';
import type { Identity } from '../../../src/relay/identity.js';
import { type Id, parseId } from '../../../src/relay/names.js';
import { connectTarget } from '../../../src/relay/request.js';

/** An address as Dask has it, `relay://main-1:1024`, as the relay does. */
export function idOf(address: string): Id {
  const id = parseId(address.replace('relay://', ''));
  if (id === undefined) throw new Error(`${address} is no address at a relay`);
  return id;
}

/** What whoever listens at an address shows in TLS, to a client of the cluster that checks it. */
export async function shownCertificate(client: Identity, address: string): Promise<PeerCertificate> {
  const { ca, cert = '', key = '' } = client.tls;
  const target = connectTarget(idOf(address), { host: client.credential.subject, number: 7 });
  const { socket } = await dialRelay(client, target);
  const secure = connect({ socket, ca, cert, key, checkServerIdentity: () => undefined });
  try {
    return await new Promise((resolve, reject) => {
      secure.once('error', reject);
      secure.once('secureConnect', () => resolve(secure.getPeerCertificate()));
    });
  } finally {
    secure.destroy();
  }
}
