import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { isSystemError, unlessAbsent } from '../base/systemError.js';
import type { CredentialFile } from './credentialFile.js';
import { isKeyEncrypted } from './openKey.js';
import { openPkcs12 } from './openPkcs12.js';
import { openPair, type UserCredential } from './userCredential.js';

/** Where a person's certificate lies: two PEM files, which may be one, or a `.p12` file from a browser. */
export type CertificateFiles =
  | { readonly kind: 'pair'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'pkcs12'; readonly path: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Certificates where grids' tools look for them, best first: `$X509_USER_CERT` with `$X509_USER_KEY`, then
 * `~/.globus/usercert.pem` with `userkey.pem`, then `~/.globus/usercred.p12`.
 */
export async function findCertificates(env: Environment = process.env): Promise<readonly CertificateFiles[]> {
  const folder = join(env['HOME'] || homedir(), '.globus');
  const { X509_USER_CERT: certificate, X509_USER_KEY: key } = env;
  const candidates: CertificateFiles[] = [
    ...(certificate ? [{ kind: 'pair' as const, certificate, key: key || certificate }] : []),
    { kind: 'pair', certificate: join(folder, 'usercert.pem'), key: join(folder, 'userkey.pem') },
    { kind: 'pkcs12', path: join(folder, 'usercred.p12') },
  ];
  const there = await Promise.all(candidates.map(areThere));
  return candidates.filter((_, index) => there[index]);
}

/** What a path that a person gave stands for: a `.p12` or `.pfx` file, else PEM with its key in `key` or in itself. */
export function certificateFilesOf(certificate: string, key?: string): CertificateFiles {
  return /\.(p12|pfx)$/i.test(certificate) && key === undefined
    ? { kind: 'pkcs12', path: certificate }
    : { kind: 'pair', certificate, key: key ?? certificate };
}

/** Whether opening them takes a passphrase; a `.p12` file always has one, though it may be empty. */
export async function needsPassphrase(files: CertificateFiles): Promise<boolean> {
  return files.kind === 'pkcs12' || isKeyEncrypted(await read(files.key, 'key'));
}

/**
 * Opens them. The passphrase is used and kept nowhere.
 *
 * @throws SitespanError `certificate-missing`, `key-open-to-others`, and as `openPair` and `openPkcs12`
 */
export async function openCertificate(files: CertificateFiles, passphrase?: string): Promise<UserCredential> {
  if (files.kind === 'pkcs12') {
    await refuseOpenToOthers(files.path);
    return openPkcs12(await read(files.path, 'certificate'), passphrase ?? '');
  }
  const certificate = await read(files.certificate, 'certificate');
  const key = await read(files.key, 'key');
  await refuseOpenToOthers(files.key);
  return openPair(certificate, key, passphrase);
}

async function areThere(files: CertificateFiles): Promise<boolean> {
  const paths = files.kind === 'pair' ? [files.certificate, files.key] : [files.path];
  const found = await Promise.all(paths.map((path) => unlessAbsent(stat(path))));
  return found.every((one) => one?.isFile());
}

async function read(path: string, what: 'certificate' | 'key'): Promise<CredentialFile> {
  try {
    return { path, content: await readFile(path) };
  } catch (cause) {
    const why = isSystemError(cause, 'ENOENT')
      ? 'is not there'
      : isSystemError(cause, 'EISDIR')
        ? 'is a folder'
        : 'cannot be read by you';
    throw new SitespanError(
      'certificate-missing',
      `The ${what} ${path} on this computer ${why}; choose another file.`,
      {
        cause,
      },
    );
  }
}

async function refuseOpenToOthers(path: string): Promise<void> {
  if (((await stat(path)).mode & 0o077) === 0) return;
  throw new SitespanError(
    'key-open-to-others',
    `The key ${path} on this computer can be read by others, so grid tools refuse it; run "chmod 600 ${path}" and try again.`,
  );
}
