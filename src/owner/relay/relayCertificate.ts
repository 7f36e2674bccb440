import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { SitespanError } from '../../base/errors.js';
import { pemBlocksOf } from '../../credentials/pem.js';
import { duration } from '../duration.js';

/** So long before its end a relay's certificate is worth a word, in milliseconds. */
export const certificateSoonMs = 14 * 86_400_000;

/** Whether the certificate is for that name or address. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

/** The names in a certificate, as people write them: `relay.example, 192.0.2.7`. */
export function namesOf(certificate: X509Certificate): string {
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return names.filter((name) => name !== '').join(', ') || 'no name at all';
}

/** `O=sitespan, CN=relay authority`. */
export function issuerOf(certificate: X509Certificate): string {
  return certificate.issuer.split('\n').join(', ');
}

/** Unix milliseconds. */
export function endOf(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}

/**
 * Makes sure that a relay can use a certificate that its owner gives.
 *
 * @param files where both came from, for the sentences
 * @param now Unix milliseconds
 * @throws SitespanError `relay-certificate`
 */
export function checkGivenCertificate(
  given: { readonly cert: string; readonly key: string },
  files: { readonly cert: string; readonly key: string },
  address: string,
  now: number,
): void {
  const [first] = pemBlocksOf(given.cert, 'CERTIFICATE');
  const certificate = first === undefined ? undefined : readOr(() => new X509Certificate(first.text));
  if (certificate === undefined) {
    throw unusable(
      `${files.cert} holds no certificate in PEM form; give the file with the whole chain (fullchain.pem).`,
    );
  }
  const key = readOr(() => createPrivateKey(given.key));
  if (key === undefined) {
    throw unusable(
      `${files.key} holds no key in PEM form that opens without a passphrase; give the certificate's key.`,
    );
  }
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(`The key ${files.key} is not that of ${files.cert}; they do not fit.`);
  }
  if (!isFor(certificate, address)) {
    throw unusable(
      `${files.cert} is for ${namesOf(certificate)}, not for ${address}; give the relay's name with --address.`,
    );
  }
  const left = endOf(certificate) - now;
  if (left <= 0) throw unusable(`${files.cert} expired ${duration(-left / 1000)} ago; renew it first.`);
}

function unusable(why: string): SitespanError {
  return new SitespanError('relay-certificate', why);
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
