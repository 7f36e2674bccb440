import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../base/errors.js';
import { unlessAbsent } from '../../base/systemError.js';

/** What a TLS connection to a grid needs. `stamp` changes when the proxy file does. */
export interface ProxyCredentials {
  readonly pem: string;
  readonly stamp: string;
  readonly expiresAtMs: number;
}

/**
 * Reads a proxy file: the proxy certificate, its key, the chain.
 *
 * @throws SitespanError `proxy-missing`, `proxy-unreadable`, `proxy-expired`.
 */
export async function readProxy(path: string, group: string): Promise<ProxyCredentials> {
  const remedy = `make one with "dirac-proxy-init -g ${group}"`;
  const stamp = await proxyStamp(path, group);
  const pem = await readFile(path, 'utf8');
  let expiresAtMs: number;
  try {
    if (!/-----BEGIN (RSA |EC )?PRIVATE KEY-----/.test(pem)) throw new Error('no private key in it');
    const chain = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (chain.length === 0) throw new Error('no certificate in it');
    // A proxy lives no longer than what it was made from.
    expiresAtMs = Math.min(...chain.map((one) => Date.parse(new X509Certificate(one).validTo)));
  } catch (cause) {
    throw new SitespanError('proxy-unreadable', `${path} on this computer is not a proxy with its key; ${remedy}.`, {
      cause,
    });
  }
  if (expiresAtMs <= Date.now()) {
    throw new SitespanError(
      'proxy-expired',
      `The proxy ${path} on this computer expired at ${new Date(expiresAtMs).toISOString()}; ${remedy}.`,
    );
  }
  return { pem, stamp, expiresAtMs };
}

/** Tells whether the file is still the one that was read. @throws SitespanError `proxy-missing`. */
export async function proxyStamp(path: string, group: string): Promise<string> {
  const found = await unlessAbsent(stat(path));
  if (found === undefined) {
    throw new SitespanError(
      'proxy-missing',
      `There is no proxy ${path} on this computer; make one with "dirac-proxy-init -g ${group}".`,
    );
  }
  return `${found.ino} ${found.mtimeMs} ${found.size}`;
}

/**
 * The authorities of a folder such as /etc/grid-security/certificates.
 *
 * @throws SitespanError `authorities-missing`.
 */
export async function readAuthorities(folder: string): Promise<readonly string[]> {
  // The hashed names are links to the same files, or the only ones.
  const names = ((await unlessAbsent(readdir(folder))) ?? []).filter((name) => /\.(pem|crt|\d+)$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const found = new Set(texts.filter((text) => text.includes('-----BEGIN CERTIFICATE-----')));
  if (found.size === 0) {
    throw new SitespanError(
      'authorities-missing',
      `No certificate of an authority lies in ${folder} on this computer; name the folder of the grid's authorities, usually /etc/grid-security/certificates.`,
    );
  }
  return [...found];
}
