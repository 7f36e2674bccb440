import { readFile, stat } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { RelayAddress } from '../relay/identity.js';

/** What a person knows of a relay that others run. */
export interface RelayClues {
  /** `HOST:PORT`. */
  readonly address: string;
  /** Path of the key that is shared with it; a key itself would be seen where it is written. */
  readonly key: string;
  /** Path of the certificate of its authority, where the system does not know that. */
  readonly ca?: string | undefined;
  /** In its certificate, where that is not its host's. */
  readonly name?: string | undefined;
  readonly tenant?: string | undefined;
}

/**
 * What a new cluster has to know of a relay that others run.
 *
 * @throws SitespanError `usage`, `relay-key-unreadable`, `relay-key-open`
 */
export async function otherRelay(clues: RelayClues): Promise<Pick<NewCluster, 'relay' | 'tenant' | 'userKey'>> {
  return {
    relay: { kind: 'other', address: await relayAddressOf(clues) },
    tenant: clues.tenant ?? 'me',
    userKey: await relayKeyIn(clues.key),
  };
}

/**
 * Where a relay is and how it is known.
 *
 * @throws SitespanError `usage`, `relay-key-unreadable`
 */
export async function relayAddressOf({ address, name, ca }: Omit<RelayClues, 'key' | 'tenant'>): Promise<RelayAddress> {
  const [, host, port = ''] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new SitespanError('usage', `A relay's address is HOST:PORT, not ${address}.`);
  }
  return { host, port: number, serverName: name ?? host, ...(ca === undefined ? {} : { ca: await readable(ca) }) };
}

/**
 * The key in a file, the hex of 32 bytes.
 *
 * @throws SitespanError `relay-key-unreadable`, `relay-key-open`
 */
export async function relayKeyIn(path: string): Promise<string> {
  const key = (await readable(path)).trim();
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new SitespanError('relay-key-open', `Others may read ${path}; close it first: chmod 600 ${path}`);
  }
  if (/^[0-9a-f]{64}$/.test(key)) return key;
  throw new SitespanError('relay-key-unreadable', `${path} holds no relay key: that is 64 hex digits.`);
}

async function readable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SitespanError('relay-key-unreadable', `${path} cannot be read on this computer: ${String(cause)}.`, {
      cause,
    });
  }
}
