import { SitespanError } from '../base/errors.js';
import { clusterSecret, issueCredential } from '../relay/credential.js';
import { dialRelay } from '../relay/dial.js';
import type { RelayAddress } from '../relay/identity.js';
import { Refusal } from '../relay/refusal.js';
import { connectTarget } from '../relay/request.js';
import { judgeCertificate } from './relay/judgeCertificate.js';
import { lookAtRelay } from './relay/lookAtRelay.js';

/** A relay that others run, and as whom it knows us. */
export interface RelayAccess {
  readonly address: RelayAddress;
  readonly tenant: string;
  /** Hex of 32 bytes, shared with that relay. */
  readonly userKey: string;
}

/** No cluster has this name: an id has six digits behind it. */
const cluster = 'check';
const timeoutMs = 15_000;

/**
 * Makes sure that a relay is there, is the one that is meant, and knows the tenant by its key: by asking it, with a credential
 * of that key, for what no client may have. Only to those it knows does it say so.
 *
 * @throws SitespanError `relay-unreachable`, `relay-untrusted`, `relay-stranger`, `relay-answer`, `relay-lost`, `deadline`; the
 *   signal's reason
 */
export async function checkRelay({ address, tenant, userKey }: RelayAccess, signal?: AbortSignal): Promise<void> {
  const claims = { tenant, cluster, role: 'client', subject: 'check', expires: 0 } as const;
  const credential = issueCredential(clusterSecret(userKey, cluster), claims);
  const target = connectTarget({ host: 'keeper', number: 1 }, { host: 'check', number: 1 });
  try {
    const { socket } = await dialRelay({ relay: address, credential }, target, undefined, { timeoutMs, signal });
    socket.destroy();
  } catch (error) {
    if (error instanceof Refusal) return;
    if (SitespanError.is(error, 'relay-untrusted')) throw await whyUntrusted(error, address, signal);
    if (!SitespanError.is(error, 'relay-stranger')) throw error;
    throw new SitespanError(
      'relay-stranger',
      `The relay at ${address.host}:${address.port} does not know the tenant ${tenant} by this key; ask whoever runs it for both.`,
      { cause: error },
    );
  }
}

/** Looks at the certificate that proved nothing: which it is says what to do. */
async function whyUntrusted(
  error: SitespanError,
  address: RelayAddress,
  signal: AbortSignal | undefined,
): Promise<SitespanError> {
  const look = await lookAtRelay(address, signal).catch(() => undefined);
  signal?.throwIfAborted();
  // What speaks no TLS, or is well by now: the first sentence stands.
  if (look === undefined) return error;
  const { verdict, sentence } = judgeCertificate(look, address, Date.now());
  return verdict === 'wrong' ? new SitespanError('relay-untrusted', sentence, { cause: error }) : error;
}
