import { readFile, stat } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import type { NewCluster } from '../keeper/clusters.js';

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
  const [, host, port = ''] = /^(.+):(\d{1,5})$/.exec(clues.address) ?? [];
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new SitespanError('usage', `A relay's address is HOST:PORT, not ${clues.address}.`);
  }
  const { name, ca, tenant } = clues;
  return {
    relay: {
      kind: 'other',
      address: {
        host,
        port: number,
        serverName: name ?? host,
        ...(ca === undefined ? {} : { ca: await readable(ca) }),
      },
    },
    tenant: tenant ?? 'me',
    userKey: await secretIn(clues.key),
  };
}

async function secretIn(path: string): Promise<string> {
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
