import { readFile } from 'node:fs/promises';
import { SitespanError } from '../../base/errors.js';
import { unlessAbsent } from '../../base/systemError.js';
import { clusterSecret, issueCredential } from '../../relay/credential.js';
import { type Dialler, dialRelay } from '../../relay/dial.js';
import { Refusal } from '../../relay/refusal.js';
import { connectTarget } from '../../relay/request.js';
import type { OpenCluster } from './examinedCluster.js';

const callMs = 10_000;
const subject = 'client-doctor';

/** What a call at a relay showed. */
export interface RelayCall {
  /** Why it cannot be used; none where it answers and knows us. */
  readonly trouble: SitespanError | undefined;
  /** How far this computer's clock is behind the relay's, where that is more than the relay bears. */
  readonly offsetMs: number;
}

/** How a cluster's relay is called; undefined where its address or key is not known. */
export async function relayOf({ folder, settings, facts }: OpenCluster): Promise<Dialler | undefined> {
  const userKey = (await unlessAbsent(readFile(folder.userKey, 'utf8')))?.trim();
  const relay = settings.relay.kind === 'other' ? settings.relay.address : await ownRelay(folder.caCertificate, facts);
  if (userKey === undefined || relay === undefined) return undefined;
  const { tenant, id: cluster } = settings;
  const claims = { tenant, cluster, role: 'client', subject, expires: 0 } as const;
  return { relay, credential: issueCredential(clusterSecret(userKey, cluster), claims) };
}

/** Asks for a stream to somebody there is not: to be refused that is to be known. */
export async function callRelay(dialler: Dialler, signal: AbortSignal | undefined): Promise<RelayCall> {
  const clock = { offsetMs: 0 };
  const target = connectTarget({ host: 'nobody', number: 1 }, { host: subject, number: 1 });
  try {
    const { socket } = await dialRelay(dialler, target, undefined, { signal, timeoutMs: callMs, clock });
    socket.destroy();
    return { trouble: undefined, offsetMs: clock.offsetMs };
  } catch (error) {
    signal?.throwIfAborted();
    if (!SitespanError.is(error)) throw error;
    return { trouble: error instanceof Refusal ? undefined : error, offsetMs: clock.offsetMs };
  }
}

async function ownRelay(caCertificate: string, facts: OpenCluster['facts']): Promise<Dialler['relay'] | undefined> {
  const ca = await unlessAbsent(readFile(caCertificate, 'utf8'));
  const at = facts.findLast((one) => one.is === 'relay');
  if (ca === undefined || at === undefined) return undefined;
  return { host: at.host, port: at.port, serverName: 'sitespan-relay', ca };
}
