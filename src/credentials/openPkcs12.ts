import { createPrivateKey, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { SitespanError } from '../base/errors.js';
import type { CredentialFile } from './credentialFile.js';
import { GridCertificate } from './gridCertificate.js';
import type { UserCredential } from './userCredential.js';

const { asn1, pkcs12, pki } = forge;

/**
 * Opens what browsers export (`.p12`, `.pfx`; RFC 7292), old RC2 files too, which OpenSSL 3 refuses.
 *
 * The authorities in it are left out: servers have them.
 *
 * @throws SitespanError `passphrase-needed`, `passphrase-wrong`, `certificate-unreadable`, `key-unreadable`, `key-differs`
 */
export function openPkcs12({ path, content }: CredentialFile, passphrase: string): UserCredential {
  const bags = bagsOf(path, content, passphrase);
  const keyBag = bags.find(({ type }) => type === pki.oids['pkcs8ShroudedKeyBag'] || type === pki.oids['keyBag']);
  if (keyBag === undefined) throw lacking('key-unreadable', path, 'private key');
  const certificates = bags.filter(({ type }) => type === pki.oids['certBag']).flatMap(certificateOf);
  if (certificates.length === 0) throw lacking('certificate-unreadable', path, 'certificate');
  const key = keyOf(path, keyBag);
  const own = certificates.find(({ x509 }) => x509.checkPrivateKey(key));
  if (own === undefined) {
    throw new SitespanError(
      'key-differs',
      `No certificate in ${path} belongs to the key in it; export both from your browser together, once more.`,
    );
  }
  return { key, chain: [own] };
}

function bagsOf(path: string, content: Buffer, passphrase: string): forge.pkcs12.Bag[] {
  let parsed: forge.asn1.Asn1;
  try {
    parsed = asn1.fromDer(content.toString('latin1'));
  } catch (cause) {
    throw new SitespanError(
      'certificate-unreadable',
      `${path} on this computer is not a .p12 file, or has been cut short; export it from your browser again.`,
      { cause },
    );
  }
  try {
    return pkcs12.pkcs12FromAsn1(parsed, true, passphrase).safeContents.flatMap(({ safeBags }) => safeBags);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    if (!/mac could not be verified|invalid password/i.test(said)) {
      throw new SitespanError(
        'certificate-unreadable',
        `${path} on this computer cannot be read as a .p12 file (${said}); export it from your browser again.`,
        { cause },
      );
    }
    throw passphrase === ''
      ? new SitespanError('passphrase-needed', `${path} is protected; give the passphrase it was exported with.`)
      : new SitespanError(
          'passphrase-wrong',
          `The passphrase does not open ${path}; give the one that was chosen when the file was exported.`,
          { cause },
        );
  }
}

/** forge leaves what it does not know, EC, as ASN.1. */
function keyOf(path: string, { key, asn1: raw }: forge.pkcs12.Bag): KeyObject {
  try {
    if (key) return createPrivateKey(pki.privateKeyToPem(key));
    return createPrivateKey({ key: Buffer.from(asn1.toDer(raw).getBytes(), 'latin1'), format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new SitespanError(
      'key-unreadable',
      `The key in ${path} is of a kind that is not known here; export it from your browser again.`,
      { cause },
    );
  }
}

function certificateOf({ cert, asn1: raw }: forge.pkcs12.Bag): GridCertificate[] {
  const node = cert ? pki.certificateToAsn1(cert) : raw;
  return [new GridCertificate(Buffer.from(asn1.toDer(node).getBytes(), 'latin1'))];
}

function lacking(code: string, path: string, what: string): SitespanError {
  return new SitespanError(
    code,
    `There is no ${what} in ${path}; export certificate and private key together from your browser.`,
  );
}
