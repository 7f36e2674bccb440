import { createPrivateKey, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { SitespanError } from '../base/errors.js';
import type { CredentialFile } from './credentialFile.js';
import { isPrivateKey, isTruncatedPem, type PemBlock, pemBlocks } from './pem.js';

/** OID of scrypt as the key derivation of PBES2 (RFC 7914), in DER. */
const scrypt = Buffer.from('06092b06010401da47040b', 'hex');

/**
 * Opens a private key: clear, PBES2, PBES1 or the traditional encryption; RSA or EC.
 *
 * node:crypto first, which knows every form where it is built on OpenSSL; node-forge where it does not, as in VS Code.
 *
 * @throws SitespanError `key-unreadable`, `passphrase-needed`, `passphrase-wrong`, `key-unsupported`
 */
export function openKey({ path, content }: CredentialFile, passphrase?: string): KeyObject {
  const text = content.toString('latin1');
  const block = pemBlocks(text).find(isPrivateKey);
  if (block === undefined) throw unreadable(path, whyNoKey(content, text));
  if (!isEncrypted(block)) return clearKey(block, path);
  if (passphrase === undefined || passphrase === '') {
    throw new SitespanError('passphrase-needed', `The key ${path} is protected; give its passphrase.`);
  }
  try {
    return createPrivateKey({ key: block.text, passphrase });
  } catch (cause) {
    return openedByForge(block, passphrase) ?? refuse(path, block, cause);
  }
}

/** Whether opening it takes a passphrase. */
export function isKeyEncrypted({ content }: CredentialFile): boolean {
  const block = pemBlocks(content.toString('latin1')).find(isPrivateKey);
  return block !== undefined && isEncrypted(block);
}

function isEncrypted({ label, text }: PemBlock): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(text);
}

function clearKey(block: PemBlock, path: string): KeyObject {
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    throw unreadable(path, 'it is damaged; take it from your backup or your browser again', cause);
  }
}

/** Undefined where it cannot either: wrong passphrase, EC, scrypt. */
function openedByForge({ text }: PemBlock, passphrase: string): KeyObject | undefined {
  try {
    const key = forge.pki.decryptRsaPrivateKey(text, passphrase);
    return key ? createPrivateKey(forge.pki.privateKeyToPem(key)) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(path: string, { der }: PemBlock, cause: unknown): never {
  // Where the engine knows scrypt, a failure is the passphrase's.
  if (der.includes(scrypt) && !knowsScrypt()) {
    throw new SitespanError(
      'key-unsupported',
      `The key ${path} is protected with scrypt, which this program's cryptography (BoringSSL) cannot open; convert it with "openssl pkcs8 -topk8 -in ${path} -out userkey-new.pem".`,
      { cause },
    );
  }
  throw new SitespanError(
    'passphrase-wrong',
    `The passphrase does not open the key ${path}; give the one that was chosen when the key was exported.`,
    { cause },
  );
}

function knowsScrypt(): boolean {
  return !('electron' in process.versions) && !process.versions.openssl.includes('boringssl');
}

function whyNoKey(content: Buffer, text: string): string {
  if (content.length === 0) return 'it is empty';
  if (isTruncatedPem(text)) return 'it has been cut short; copy it again';
  if (pemBlocks(text).length > 0) return 'it holds no private key; choose userkey.pem here';
  if (content[0] === 0x30) return 'it is binary (DER or PKCS#12) and not PEM; choose it as a .p12 file';
  return 'there is no PEM key in it';
}

function unreadable(path: string, why: string, cause?: unknown): SitespanError {
  return new SitespanError(
    'key-unreadable',
    `The key ${path} on this computer cannot be used: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
