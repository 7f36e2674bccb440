import type { RelayAddress } from '../../relay/identity.js';
import { duration } from '../duration.js';
import type { RelayLook } from './lookAtRelay.js';
import { certificateSoonMs, endOf, isFor, issuerOf, namesOf } from './relayCertificate.js';

/** One thing that was looked at from outside. */
export interface RelayFinding {
  readonly about: 'reach' | 'tls' | 'certificate' | 'relay' | 'clock' | 'key';
  /** `doubtful`: it works, and will not for long or not for all. */
  readonly verdict: 'good' | 'doubtful' | 'wrong';
  /** A whole sentence. */
  readonly sentence: string;
}

/** Whether a certificate proves the relay, and for how long; one sentence for each way in which it may not. */
export function judgeCertificate(
  { certificate, distrust }: Pick<RelayLook, 'certificate' | 'distrust'>,
  { host, port, serverName, ca }: RelayAddress,
  now: number,
): RelayFinding {
  const about = 'certificate';
  const where = `${host}:${port}`;
  const leftMs = endOf(certificate) - now;
  const end = certificate.validTo;
  const renew = 'its owner renews it (sitespan relay deploy HOST --over-ssh --renew, where it is of that authority)';
  if (leftMs <= 0) {
    return {
      about,
      verdict: 'wrong',
      sentence: `The certificate at ${where} expired ${duration(-leftMs / 1000)} ago (${end}); ${renew}.`,
    };
  }
  if (Date.parse(certificate.validFrom) > now) {
    return {
      ...{ about, verdict: 'wrong' },
      sentence: `The certificate at ${where} is not valid before ${certificate.validFrom}; a clock is wrong, here or where it was made.`,
    };
  }
  if (!isFor(certificate, serverName)) {
    return {
      ...{ about, verdict: 'wrong' },
      sentence: `The certificate at ${where} is for ${namesOf(certificate)}, not for ${serverName}; another server answers, or the relay goes by that name (--relay-name).`,
    };
  }
  if (distrust !== undefined) {
    const issuer = issuerOf(certificate);
    const unknown = /SELF_SIGNED|UNABLE_TO|UNTRUSTED/.test(distrust);
    const why = !unknown
      ? `proves nothing (${distrust})`
      : ca === undefined
        ? `was given by "${issuer}", which this computer does not trust; get the authority's file from the relay's owner and give it (--relay-ca FILE)`
        : `was given by "${issuer}", which is not the authority that is expected; ask the relay's owner, and if they know nothing of a change, somebody is in between`;
    return { about, verdict: 'wrong', sentence: `The certificate at ${where} ${why}.` };
  }
  const good = `Its certificate is for ${namesOf(certificate)}, by "${issuerOf(certificate)}", for another ${duration(leftMs / 1000)}`;
  if (leftMs < certificateSoonMs) return { about, verdict: 'doubtful', sentence: `${good} only; ${renew}.` };
  return { about, verdict: 'good', sentence: `${good}.` };
}
