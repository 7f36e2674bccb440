import { SitespanError } from '../../base/errors.js';
import type { RelayAddress } from '../../relay/identity.js';
import { checkRelay } from '../checkRelay.js';
import { duration } from '../duration.js';
import { lookAtRelay, type RelayLook, relayUptime } from './lookAtRelay.js';
import { certificateSoonMs, endOf, isFor, issuerOf, namesOf } from './relayCertificate.js';

/** One thing that was looked at from outside. */
export interface RelayFinding {
  readonly about: 'reach' | 'tls' | 'certificate' | 'relay' | 'clock' | 'key';
  /** `doubtful`: it works, and will not for long or not for all. */
  readonly verdict: 'good' | 'doubtful' | 'wrong';
  /** A whole sentence. */
  readonly sentence: string;
}

export interface RelayQuestion {
  readonly address: RelayAddress;
  /** Whether it knows this user by this key (hex of 32 bytes); not asked without. */
  readonly access?: { readonly tenant: string; readonly userKey: string } | undefined;
}

/** A relay bears two minutes, and a dialler corrects itself after one. */
const clockSoonMs = 60_000;

/**
 * Looks at a relay from outside, as those see it who are to use it. What cannot be asked after a failure is not asked.
 *
 * @throws the signal's reason
 */
export async function examineRelay(
  { address, access }: RelayQuestion,
  signal?: AbortSignal,
): Promise<readonly RelayFinding[]> {
  const where = `${address.host}:${address.port}`;
  const findings: RelayFinding[] = [];
  const say = (about: RelayFinding['about'], verdict: RelayFinding['verdict'], sentence: string): void => {
    findings.push({ about, verdict, sentence });
  };
  let look: RelayLook;
  try {
    look = await lookAtRelay(address, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!SitespanError.is(error)) throw error;
    say(error.code === 'relay-answer' ? 'tls' : 'reach', 'wrong', error.message);
    return findings;
  }
  say('reach', 'good', `${where} answers.`);
  if (look.protocol === 'TLSv1.3') say('tls', 'good', 'It speaks TLS 1.3.');
  else
    say(
      'tls',
      'wrong',
      `What answers at ${where} speaks ${look.protocol}; a relay speaks TLS 1.3 alone, so it is another, or a proxy that opens TLS is in between.`,
    );
  findings.push(judgeCertificate(look, address, Date.now()));
  if (look.behindMs === undefined) {
    const said = look.answer === '' ? 'it said nothing' : `it said ${JSON.stringify(look.answer.slice(0, 80))}`;
    say('relay', 'wrong', `What answers at ${where} is no relay of Sitespan (${said}); see that the port is right.`);
    return findings;
  }
  findings.push(await judgeHealth(address, signal));
  say(...judgeClock(look.behindMs));
  const trusted = findings.every(({ verdict }) => verdict !== 'wrong');
  // Who is not proved is told no key's work.
  if (access !== undefined && trusted) findings.push(await judgeKey({ address, ...access }, signal));
  return findings;
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

async function judgeHealth(address: RelayAddress, signal: AbortSignal | undefined): Promise<RelayFinding> {
  const uptime = await relayUptime(address, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (SitespanError.is(error)) return undefined;
    throw error;
  });
  if (uptime !== undefined)
    return { about: 'relay', verdict: 'good', sentence: `It is a relay, and runs for ${duration(uptime)}.` };
  return {
    ...{ about: 'relay', verdict: 'doubtful' },
    sentence:
      'It is a relay, but does not answer without TLS (/healthz), as what stands in front of it may want; streams are not concerned.',
  };
}

function judgeClock(behindMs: number): [RelayFinding['about'], RelayFinding['verdict'], string] {
  const seconds = Math.abs(behindMs) / 1000;
  if (seconds < 1) return ['clock', 'good', "Its clock and this computer's agree."];
  const sentence = `This computer's clock is ${duration(seconds)} ${behindMs > 0 ? 'behind' : 'ahead of'} the relay's`;
  if (Math.abs(behindMs) < clockSoonMs) return ['clock', 'good', `${sentence}; two minutes are borne.`];
  return ['clock', 'doubtful', `${sentence}; set whichever is wrong (timedatectl), since certificates go by it, too.`];
}

async function judgeKey(
  access: Parameters<typeof checkRelay>[0],
  signal: AbortSignal | undefined,
): Promise<RelayFinding> {
  try {
    await checkRelay(access, signal);
    return { about: 'key', verdict: 'good', sentence: `It knows ${access.tenant} by this key.` };
  } catch (error) {
    signal?.throwIfAborted();
    if (!SitespanError.is(error)) throw error;
    return { about: 'key', verdict: 'wrong', sentence: error.message };
  }
}
