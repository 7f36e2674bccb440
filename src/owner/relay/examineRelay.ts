import { SitespanError } from '../../base/errors.js';
import type { RelayAddress } from '../../relay/identity.js';
import { checkRelay } from '../checkRelay.js';
import { duration } from '../duration.js';
import { judgeCertificate, type RelayFinding } from './judgeCertificate.js';
import { lookAtRelay, type RelayLook, relayUptime } from './lookAtRelay.js';

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
