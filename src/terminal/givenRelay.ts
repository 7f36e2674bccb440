import { readFile, stat } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import type { RelayAddress } from '../relay/identity.js';
import type { GivenArguments } from './givenArguments.js';
import { wholeNumber } from './quantities.js';

/**
 * Where a relay that others run is, and how it is known: `--relay-name` and `--relay-ca` belong to it.
 *
 * @param text `HOST:PORT`
 * @param flag what it was given as
 * @throws SitespanError `usage`, `relay-key-unreadable`
 */
export async function givenRelayAddress(text: string, flag: string, given: GivenArguments): Promise<RelayAddress> {
  const [, host, port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new SitespanError('usage', `${flag} is HOST:PORT, not ${text}.`);
  const ca = given.text('--relay-ca');
  return {
    host,
    port: wholeNumber(port, `The port of ${flag}`, 1),
    serverName: given.text('--relay-name') ?? host,
    ...(ca === undefined ? {} : { ca: await readable(ca) }),
  };
}

/**
 * As whom a relay knows us: its key is read from a file, for what is in an argument everybody can see.
 *
 * @param path of `--relay-key`
 * @throws SitespanError `relay-key-open`, `relay-key-unreadable`
 */
export async function givenRelayAccess(
  path: string,
  given: GivenArguments,
): Promise<{ tenant: string; userKey: string }> {
  return { tenant: given.text('--tenant') ?? 'me', userKey: await secretIn(path) };
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
