import { timingSafeEqual } from 'node:crypto';
import { clusterSecret, credentialKey, macOf, type Role, roles } from './credential.js';
import type { Caller } from './permissions.js';
import type { Prelude } from './prelude.js';
import { StrangerError } from './refusal.js';
import type { Replays } from './replays.js';

/** A caller whose mac was right. `clusterSecret` makes cookies; it is never logged. */
export interface Authenticated {
  readonly caller: Caller;
  readonly clusterSecret: string;
}

export interface Authority {
  readonly tenants: { userKey(tenant: string): Promise<string | undefined> };
  readonly replays: Replays;
  readonly skewMs: number;
}

/**
 * Proves what a prelude claims.
 *
 * The mac comes first: what is said after it (expired, stale clock) is then true of a real credential.
 *
 * @param now Unix milliseconds
 * @throws StrangerError
 */
export async function authenticate(prelude: Prelude, authority: Authority, now: number): Promise<Authenticated> {
  const { tenant, cluster, subject, expires, ms } = prelude;
  const role = roles.find((known) => known === prelude.role);
  if (role === undefined) throw new StrangerError('unknown-role', 'There is no such role.');
  const userKey = await authority.tenants.userKey(tenant);
  if (userKey === undefined) throw new StrangerError('unknown-tenant', 'The tenants file does not name this tenant.');
  const secret = clusterSecret(userKey, cluster);
  if (!provesItself(prelude, secret, role)) throw new StrangerError('bad-mac', 'The mac is wrong.');
  if (expires !== 0 && expires * 1000 <= now) throw new StrangerError('expired', 'The credential has expired.');
  if (Math.abs(now - ms) > authority.skewMs) {
    throw new StrangerError('stale-clock', `The caller's clock is ${Math.round((ms - now) / 1000)} s off.`);
  }
  if (!authority.replays.use(prelude.mac, now)) throw new StrangerError('replay', 'The prelude was used before.');
  return { caller: { tenant, cluster, role, subject }, clusterSecret: secret };
}

function provesItself(prelude: Prelude, secret: string, role: Role): boolean {
  const key = credentialKey(secret, role, prelude.subject, prelude.expires);
  return sameSecret(prelude.mac, macOf(key, prelude.target, prelude.secret, prelude.ms, prelude.nonce));
}

/** Compares in a time that does not tell how much was right. */
export function sameSecret(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
