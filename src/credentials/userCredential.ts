import type { KeyObject } from 'node:crypto';
import { SitespanError } from '../base/errors.js';
import type { CredentialFile } from './credentialFile.js';
import { GridCertificate } from './gridCertificate.js';
import { openKey } from './openKey.js';
import { isPrivateKey, isTruncatedPem, pemBlocks } from './pem.js';

/** A private key and the certificate it belongs to, with the chain up to the user's own where that one is a proxy. */
export interface UserCredential {
  readonly key: KeyObject;
  readonly chain: readonly [GridCertificate, ...GridCertificate[]];
}

/**
 * Opens a certificate and its key (`usercert.pem`, `userkey.pem`), which may be one file.
 *
 * @throws SitespanError `certificate-unreadable`, `key-unreadable`, `key-differs`, and as `openKey`
 */
export function openPair(certificate: CredentialFile, key: CredentialFile, passphrase?: string): UserCredential {
  const chain = certificatesOf(certificate);
  const opened = openKey(key, passphrase);
  if (!chain[0].x509.checkPrivateKey(opened)) {
    throw new SitespanError(
      'key-differs',
      `The key ${key.path} does not belong to the certificate ${certificate.path} (${chain[0].dn}); choose the two files that were made together.`,
    );
  }
  return { key: opened, chain };
}

/** Opens a file that a proxy lies in: its certificate, its key, the chain. @throws SitespanError as `openPair` */
export function openProxy(file: CredentialFile): UserCredential {
  return openPair(file, file);
}

function certificatesOf({ path, content }: CredentialFile): UserCredential['chain'] {
  const text = content.toString('latin1');
  const blocks = pemBlocks(text).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw unreadable(path, whyNoCertificate(content, text));
  try {
    const [first, ...rest] = blocks.map(({ der }) => new GridCertificate(der));
    if (first !== undefined) return [first, ...rest];
  } catch (cause) {
    throw unreadable(path, 'its certificate is damaged; take the file from your backup or your browser again', cause);
  }
  throw unreadable(path, 'there is no certificate in it');
}

function whyNoCertificate(content: Buffer, text: string): string {
  if (content.length === 0) return 'it is empty';
  if (isTruncatedPem(text)) return 'it has been cut short; copy it again';
  if (pemBlocks(text).some(isPrivateKey)) return 'it holds a key and no certificate; choose usercert.pem here';
  // A SEQUENCE of more than 127 bytes: DER, of which PKCS#12 is one kind.
  if (content[0] === 0x30) {
    return 'it is binary (DER or PKCS#12) and not PEM; choose it as a .p12 file, or convert it with "openssl x509 -inform DER"';
  }
  return 'there is no PEM certificate in it';
}

function unreadable(path: string, why: string, cause?: unknown): SitespanError {
  return new SitespanError(
    'certificate-unreadable',
    `The certificate ${path} on this computer cannot be used: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
