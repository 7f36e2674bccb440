import { createHmac, createPrivateKey } from 'node:crypto';
import { type CertifiedKey, certify, type NameAttribute } from './certificate.js';

const issuerName: readonly NameAttribute[] = [
  ['O', 'sitespan'],
  ['CN', 'cluster authority'],
];
const yearSeconds = 365 * 86_400;
/** Worker nodes' clocks are a little off now and then. */
const clockSlackSeconds = 3600;

/**
 * A cluster's own certificate authority: what it signs is trusted inside that cluster and nowhere else.
 *
 * The role stands in `OU` and the subject in `CN`, where both ends of a connection look for it (docs/security.md).
 */
export class ClusterAuthority {
  private constructor(private readonly own: CertifiedKey) {}

  static create(): ClusterAuthority {
    const now = Math.floor(Date.now() / 1000);
    return new ClusterAuthority(
      certify({
        subject: issuerName,
        notBefore: now - clockSlackSeconds,
        notAfter: now + 10 * yearSeconds,
        ca: true,
      }),
    );
  }

  /** @param own the PEM pair that `pem` gave when the authority was made. */
  static load(own: CertifiedKey): ClusterAuthority {
    return new ClusterAuthority(own);
  }

  /** Certificate (public, to be pinned) and key (0600, for `load`). */
  get pem(): CertifiedKey {
    return this.own;
  }

  /**
   * What proves to the keeper, inside of TLS, that a job was sent with this join token: the relay sees the token's name and can
   * make its credential, and this it cannot.
   *
   * @returns 64 hex digits
   */
  joinSecret(token: string): string {
    const key = createPrivateKey(this.own.key).export({ type: 'pkcs8', format: 'der' });
    return createHmac('sha256', key).update(`sitespan join\n${token}`).digest('hex');
  }

  /**
   * @param role what the holder may do, e.g. `worker`
   * @param subject the holder's name
   * @param expires Unix seconds; 0 for as long as a cluster can live (one year)
   * @param hosts names by which a TLS client that checks host names knows the holder
   */
  issue(role: string, subject: string, expires: number, hosts: readonly string[] = []): CertifiedKey {
    const now = Math.floor(Date.now() / 1000);
    return certify(
      {
        subject: [
          ['O', 'sitespan'],
          ['OU', role],
          ['CN', subject],
        ],
        notBefore: now - clockSlackSeconds,
        notAfter: expires === 0 ? now + yearSeconds : expires,
        hosts,
      },
      { subject: issuerName, key: createPrivateKey(this.own.key) },
    );
  }
}
