import { readFile, rm, stat } from 'node:fs/promises';
import { SitespanError } from '../base/errors.js';
import { storageTrouble } from '../base/storageTrouble.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { GridCertificate } from './gridCertificate.js';
import { oids } from './oids.js';
import { openProxy, type UserCredential } from './userCredential.js';

/** What a proxy file tells of itself without being judged. */
export interface ProxyFacts {
  readonly path: string;
  /** Of the proxy itself. */
  readonly subject: string;
  /** Of the certificate that it was made from. */
  readonly identity: string;
  /** Of the authority that made that certificate. */
  readonly issuer: string;
  /** How many proxies lie above the certificate; 0 for a certificate with its key. */
  readonly proxies: number;
  readonly limited: boolean;
  readonly group: string | undefined;
  readonly voms: boolean;
  readonly notBefore: Date;
  /** The end of whatever in it ends first. */
  readonly expires: Date;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where grids' tools put a proxy and look for it: `$X509_USER_PROXY`, else `/tmp/x509up_u<uid>`. */
export function usualProxyPath(env: Environment = process.env): string {
  return env['X509_USER_PROXY'] || `/tmp/x509up_u${process.getuid?.() ?? 0}`;
}

/**
 * Writes a proxy where others look for it: whole or not at all, its owner's alone from the first byte.
 *
 * @throws SitespanError `proxy-unwritable`, `disk-full` and the like
 */
export async function writeProxy(path: string, pem: string): Promise<void> {
  if ((await unlessAbsent(stat(path)))?.isDirectory() === true) {
    throw new SitespanError(
      'proxy-unwritable',
      `The proxy cannot be written to ${path} on this computer, which is a folder; give the path of a file.`,
    );
  }
  const there = await unlessAbsent(readFile(path, 'latin1')).catch(() => undefined);
  if (there !== undefined && /PRIVATE KEY-----/.test(there) && !holdsProxy(there)) {
    throw new SitespanError(
      'proxy-unwritable',
      `The proxy is not written to ${path} on this computer, which holds a private key and no proxy; choose another path, so that the key is not lost.`,
    );
  }
  try {
    await writeAtomically(path, pem);
  } catch (cause) {
    throw (
      storageTrouble(cause, 'The proxy could not be written', path) ??
      new SitespanError(
        'proxy-unwritable',
        `The proxy cannot be written to ${path} on this computer (${cause instanceof Error ? cause.message : String(cause)}); choose another path.`,
        { cause },
      )
    );
  }
}

/** @throws SitespanError `proxy-missing`, `proxy-unreadable` (also where others may read it) */
export async function readProxyFile(path: string): Promise<UserCredential> {
  const found = await unlessAbsent(stat(path));
  if (found === undefined) {
    throw new SitespanError(
      'proxy-missing',
      `There is no proxy ${path} on this computer; make one with "sitespan proxy init".`,
    );
  }
  if (!found.isFile()) {
    throw new SitespanError(
      'proxy-unreadable',
      `${path} on this computer is not a file; give the path of a proxy, or make one with "sitespan proxy init".`,
    );
  }
  if ((found.mode & 0o077) !== 0) {
    throw new SitespanError(
      'proxy-unreadable',
      `The proxy ${path} on this computer can be read by others; make a new one with "sitespan proxy init", and let this one expire.`,
    );
  }
  try {
    return openProxy({ path, content: await readFile(path) });
  } catch (cause) {
    if (SitespanError.is(cause)) {
      throw new SitespanError(
        'proxy-unreadable',
        `${path} on this computer is not a whole proxy (certificate, key and chain in PEM); make one with "sitespan proxy init".`,
        { cause },
      );
    }
    if (!isSystemError(cause, 'EACCES')) throw cause;
    throw new SitespanError(
      'proxy-unreadable',
      `The proxy ${path} on this computer is another user's; make your own with "sitespan proxy init".`,
      { cause },
    );
  }
}

/**
 * Removes a proxy's file, and no other: a mistyped path may be that of a key.
 *
 * @returns whether there was one
 * @throws SitespanError `proxy-unreadable`
 */
export async function destroyProxy(path: string): Promise<boolean> {
  const there = await unlessAbsent(readFile(path, 'latin1')).catch(() => '');
  if (there === undefined) return false;
  if (!holdsProxy(there)) {
    throw new SitespanError(
      'proxy-unreadable',
      `${path} on this computer is not a proxy that you may read, so it is left as it is; remove it by hand where it is to go.`,
    );
  }
  await rm(path, { force: true });
  return true;
}

function holdsProxy(text: string): boolean {
  try {
    return GridCertificate.all(text).some(({ proxyPolicy }) => proxyPolicy !== undefined);
  } catch {
    return false;
  }
}

/** @param chain the newest first */
export function proxyFacts(path: string, chain: UserCredential['chain']): ProxyFacts {
  const [own] = chain;
  const end = chain.findIndex(({ proxyPolicy }) => proxyPolicy === undefined);
  const proxies: readonly GridCertificate[] = chain.slice(0, end === -1 ? chain.length : end);
  return {
    path,
    subject: own.dn,
    identity: (chain[end] ?? own).dn,
    issuer: (chain[end] ?? own).issuerDn,
    proxies: proxies.length,
    limited: proxies.some(({ proxyPolicy }) => proxyPolicy?.language === oids.limited),
    group: proxies.find(({ diracGroup }) => diracGroup !== undefined)?.diracGroup,
    voms: proxies.some((one) => one.has(oids.vomsAttributes)),
    notBefore: new Date(Math.max(...chain.map(({ notBefore }) => notBefore.getTime()))),
    expires: new Date(Math.min(...chain.map(({ notAfter }) => notAfter.getTime()))),
  };
}
