import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { usualAuthorityFolder } from '../../credentials/authorityFolder.js';
import { signDelegation } from '../../credentials/delegation.js';
import type { UserCredential } from '../../credentials/userCredential.js';
import { certificateCredentials } from '../../grid/dirac/clientCredentials.js';
import { DiracClient } from '../../grid/dirac/diracClient.js';
import { checkMembership } from '../../grid/dirac/membership.js';

/** A DIRAC that keeps people's proxies. */
export interface ProxyServer {
  /** Of its services, `https://dirac.example:8443`; or the whole address of its ProxyManager. */
  readonly address: string;
  /** Where the authorities lie that it is trusted by; where grids' tools look, unless told otherwise. */
  readonly authorities?: string | undefined;
  /** Its configuration server; looked for beside the services where it is not known. */
  readonly configuration?: string;
}

/** A proxy that DIRAC keeps, for jobs to run with. */
export interface StoredProxy {
  readonly identity: string;
  /** None in one that is good for every group of the person's. */
  readonly group?: string;
  readonly expires: Date;
}

export interface UploadedProxy {
  /** All that the server keeps of this person. */
  readonly stored: readonly StoredProxy[];
  readonly warnings: readonly string[];
}

const delegation = z.looseObject({ id: z.union([z.int(), z.string()]), request: z.string() });
const info = z.record(z.string(), z.record(z.string(), z.number()));

/**
 * Lets DIRAC run jobs as a person: it makes a key, and the person's certificate signs for it. No private key travels.
 *
 * @param credential the certificate itself: DIRAC takes no group and no VOMS attributes in what signs here
 * @throws SitespanError `grid-address-invalid`, `grid-key-short`, and as `DiracClient.call` and `signDelegation`
 */
export async function uploadProxy(
  server: ProxyServer,
  credential: UserCredential,
  { days, signal }: { readonly days: number; readonly signal?: AbortSignal | undefined },
): Promise<UploadedProxy> {
  return withManager(server, credential, async (client, manager) => {
    const asked = await client.callAt(manager, 'requestDelegationUpload', [], delegation, { signal });
    const signed = signedFor(credential, asked.request, days, manager);
    await client.callAt(manager, 'completeDelegationUpload', [asked.id, signed], z.unknown(), { signal });
    const stored = storedOf(await client.callAt(manager, 'getUserProxiesInfo', [], info, { signal }));
    return { stored, warnings: client.warnings };
  });
}

/** DIRAC makes a key of RSA with as many bits as the certificate's has, which is few where that is of an elliptic curve. */
function signedFor(credential: UserCredential, request: string, days: number, { address }: Manager): string {
  try {
    return signDelegation(credential, request, { seconds: days * 86_400 });
  } catch (cause) {
    if (!SitespanError.is(cause, 'delegation-key-short') || credential.key.asymmetricKeyType !== 'ec') throw cause;
    throw new SitespanError(
      'grid-key-short',
      `DIRAC at ${new URL(address).host} cannot keep a proxy of ${credential.chain[0].dn}, whose key is of an elliptic curve: it makes one of RSA with as few bits, which can be broken; ask your certification authority for a certificate with an RSA key.`,
      { cause },
    );
  }
}

/**
 * Whether the server will let a person into a group, as far as it tells.
 *
 * @returns what does not decide, or why it could not be found out
 * @throws SitespanError as `checkMembership`, where the person or the group is wrong; `grid-address-invalid`
 */
export async function checkGroup(
  server: ProxyServer,
  credential: UserCredential,
  group: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const client = clientOf(server, credential);
  const address = server.configuration ?? `${checkedAddress(server.address).origin}/Configuration/Server`;
  try {
    return await checkMembership(client, address, { dn: credential.chain[0].dn, group }, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (!SitespanError.is(error) || aboutGroups.includes(error.code)) throw error;
    // Beside the services there need be none; what hinders the upload, too, is said by it.
    return server.configuration === undefined ? [] : [`The group ${group} was not looked up: ${error.message}`];
  } finally {
    await client.close();
  }
}

const aboutGroups: readonly string[] = ['grid-person-unknown', 'group-unknown', 'group-not-yours'];

function storedOf(answer: z.infer<typeof info>): StoredProxy[] {
  return Object.entries(answer).flatMap(([identity, groups]) =>
    Object.entries(groups).map(([group, ms]) => ({ identity, ...(group && { group }), expires: new Date(ms) })),
  );
}

interface Manager {
  readonly address: string;
  readonly service: string;
}

/** DIRAC's installer puts it under one of two names, where nobody has said which. */
async function withManager<T>(
  server: ProxyServer,
  credential: UserCredential,
  ask: (client: DiracClient, manager: Manager) => Promise<T>,
): Promise<T> {
  const url = checkedAddress(server.address);
  const client = clientOf(server, credential);
  try {
    if (url.pathname !== '/') return await ask(client, { address: url.href, service: 'ProxyManager' });
    const at = (name: string): Manager => ({ address: `${url.origin}/Framework/${name}`, service: name });
    try {
      return await ask(client, at('ProxyManager'));
    } catch (error) {
      if (!SitespanError.is(error, 'grid-service-missing')) throw error;
      return await ask(client, at('TornadoProxyManager'));
    }
  } finally {
    await client.close();
  }
}

function clientOf({ address, authorities }: ProxyServer, credential: UserCredential): DiracClient {
  return new DiracClient({
    ...{ url: checkedAddress(address).origin, services: {}, caDirectory: authorities ?? usualAuthorityFolder() },
    proxy: certificateCredentials(credential),
  });
}

function checkedAddress(text: string): URL {
  if (/^https:\/\/[^\s/?#]+/.test(text) && URL.canParse(text)) return new URL(text);
  throw new SitespanError(
    'grid-address-invalid',
    `${text} is not the address of a DIRAC's services, which is such as https://dirac.example:8443 (dips:// cannot be used).`,
  );
}
