import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unlessAbsent } from '../../base/systemError.js';
import { GridCertificate } from '../../credentials/gridCertificate.js';
import {
  type CertificateFiles,
  certificateFilesOf,
  findCertificates,
  needsPassphrase,
} from '../../credentials/userCertificateFiles.js';

/** A certificate that a person may choose, as far as it tells of itself while it is closed. */
export interface OfferedCertificate {
  readonly files: CertificateFiles;
  /** Its own file. */
  readonly path: string;
  /** Whose it is (`/C=UK/…/CN=ada`) and its end; a `.p12` file tells neither before it is open. */
  readonly identity: string | undefined;
  readonly expires: Date | undefined;
  readonly needsPassphrase: boolean;
}

/** Those that are found where grids' tools look, best first. What cannot be read is not offered. */
export async function offeredCertificates(): Promise<readonly OfferedCertificate[]> {
  const found = await findCertificates();
  const offered = await Promise.all(found.map((files) => offeredCertificate(files).catch(() => undefined)));
  return offered.flatMap((one) => one ?? []);
}

/** @throws SitespanError `certificate-missing` */
export async function offeredCertificate(files: CertificateFiles): Promise<OfferedCertificate> {
  const isProtected = await needsPassphrase(files);
  const path = files.kind === 'pkcs12' ? files.path : files.certificate;
  const own = files.kind === 'pkcs12' ? undefined : await firstIn(path);
  return { files, path, identity: own?.dn, expires: own?.notAfter, needsPassphrase: isProtected };
}

/**
 * The files that a chosen one stands for: a `.p12`; PEM with its key in it, or beside it as `userkey.pem`.
 *
 * @returns undefined where its key is somewhere else
 */
export async function filesOfChosen(path: string): Promise<CertificateFiles | undefined> {
  const alone = certificateFilesOf(path);
  if (alone.kind === 'pkcs12') return alone;
  const text = await readFile(path, 'latin1').catch(() => '');
  // Whatever else it is: opening it says what is wrong with it.
  if (/PRIVATE KEY-----/.test(text) || !/BEGIN CERTIFICATE-----/.test(text)) return alone;
  const key = join(dirname(path), 'userkey.pem');
  const isThere = (await unlessAbsent(access(key).then(() => true))) === true;
  return isThere ? certificateFilesOf(path, key) : undefined;
}

async function firstIn(path: string): Promise<GridCertificate | undefined> {
  try {
    return GridCertificate.all(await readFile(path, 'latin1'))[0];
  } catch {
    return undefined;
  }
}
