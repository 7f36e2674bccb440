import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { nameSchema } from './names.js';

/**
 * The secrets by which the relay knows its callers, all derived from the user's one key (docs/relay.md, "Prelude";
 * docs/security.md). Every key here is the hex of 32 bytes; an HMAC is keyed by the bytes, never by their hex.
 */
export const roles = ['keeper', 'scheduler', 'worker', 'client', 'joiner'] as const;
export type Role = (typeof roles)[number];

export const keySchema = z.string().regex(/^[0-9a-f]{64}$/);

/** What one process shows at the relay; `expires` in Unix seconds, 0 for never. */
export const credentialSchema = z.object({
  tenant: nameSchema,
  cluster: nameSchema,
  role: z.enum(roles),
  subject: nameSchema,
  expires: z.int().nonnegative(),
  key: keySchema,
});
export type Credential = Readonly<z.infer<typeof credentialSchema>>;

export function clusterSecret(userKey: string, cluster: string): string {
  return hmac(userKey, `sitespan cluster\n${cluster}`);
}

export function credentialKey(secret: string, role: Role, subject: string, expires: number): string {
  return hmac(secret, `sitespan credential\n${role}\n${subject}\n${expires}`);
}

/** The credential of one role and subject of a cluster whose secret is `secret`. */
export function issueCredential(secret: string, claims: Omit<Credential, 'key'>): Credential {
  return { ...claims, key: credentialKey(secret, claims.role, claims.subject, claims.expires) };
}

/** What lets a listener take its own id again; whoever holds the cluster secret can derive it, too. */
export function cookieOf(secret: string, id: string): string {
  return hmac(secret, `sitespan cookie\n${id}`).slice(0, 32);
}

/** @param secret the ticket or cookie of the prelude, or '' */
export function macOf(key: string, target: string, secret: string, ms: number, nonce: string): string {
  return hmac(key, `${target}\n${secret}\n${ms}\n${nonce}`);
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text, 'utf8').digest('hex');
}
