import type { ClusterAuthority } from '../credentials/clusterAuthority.js';
import { clusterSecret, issueCredential, type Role } from '../relay/credential.js';
import type { Identity, RelayAddress } from '../relay/identity.js';

/** Makes the identities of one cluster's processes: relay credential and certificate, the same role and name in both. */
export class Identities {
  private readonly secret: string;

  /** @param userKey hex of the 32 bytes that the relay's tenant shares with the user */
  constructor(
    private readonly authority: ClusterAuthority,
    private readonly relay: RelayAddress,
    private readonly tenant: string,
    private readonly cluster: string,
    userKey: string,
  ) {
    this.secret = clusterSecret(userKey, cluster);
  }

  /** @param expires Unix seconds; 0 for as long as the cluster lives */
  issue(role: Exclude<Role, 'joiner'>, subject: string, expires = 0): Identity {
    const { cert, key } = this.authority.issue(role, subject, expires);
    return { ...this.base(role, subject, expires), tls: { ca: this.authority.pem.cert, cert, key } };
  }

  /** What a job carries: good for asking the keeper, and no key for Dask's TLS in it. */
  issueJoiner(token: string, expires: number): Identity {
    const more = { tls: { ca: this.authority.pem.cert }, joinSecret: this.joinSecret(token) };
    return { ...this.base('joiner', token, expires), ...more };
  }

  /** What a job has to show with its token. */
  joinSecret(token: string): string {
    return this.authority.joinSecret(token);
  }

  private base(role: Role, subject: string, expires: number): Omit<Identity, 'tls' | 'joinSecret'> {
    const credential = issueCredential(this.secret, {
      tenant: this.tenant,
      cluster: this.cluster,
      role,
      subject,
      expires,
    });
    return { version: 1, relay: this.relay, credential };
  }
}
