import { createPrivateKey } from 'node:crypto';
import { type CertifiedKey, certify, type NameAttribute } from '../../credentials/certificate.js';

const issuerName: readonly NameAttribute[] = [
  ['O', 'sitespan'],
  ['CN', 'relay authority'],
];
const daySeconds = 86_400;
/** Worker nodes' clocks are a little off now and then. */
const clockSlackSeconds = 3600;

/** How long a relay's own certificate is good; its authority, which others pin, is good for ten years. */
export const relayCertificateDays = 365;

/** A relay owner's own certificate authority, which signs that relay's certificates and nothing else: others pin it. */
export function newRelayAuthority(now: number): CertifiedKey {
  const notBefore = Math.floor(now / 1000) - clockSlackSeconds;
  return certify({
    subject: issuerName,
    notBefore,
    notAfter: notBefore + 10 * relayCertificateDays * daySeconds,
    ca: true,
  });
}

/**
 * @param address the name or IPv4 address by which others reach the relay: it is what the certificate is for
 * @param now Unix milliseconds
 */
export function issueRelayCertificate(authority: CertifiedKey, address: string, now: number): CertifiedKey {
  const notBefore = Math.floor(now / 1000) - clockSlackSeconds;
  return certify(
    {
      subject: [
        ['O', 'sitespan'],
        ['OU', 'relay'],
        ['CN', address.slice(0, 64)],
      ],
      notBefore,
      notAfter: notBefore + relayCertificateDays * daySeconds,
      hosts: [address],
    },
    { subject: issuerName, key: createPrivateKey(authority.key) },
  );
}
