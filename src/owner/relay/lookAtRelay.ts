import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SitespanError } from '../../base/errors.js';
import { withDeadline } from '../../base/waiting.js';
import type { RelayAddress } from '../../relay/identity.js';

/** What answers at a relay's address, before anybody believes it. */
export interface RelayLook {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly certificate: X509Certificate;
  /** Why the certificate proves nothing (OpenSSL's or Node's code); undefined where it does. */
  readonly distrust: string | undefined;
  /** First line of the answer to a stranger. */
  readonly answer: string;
  /** How far this computer's clock is behind the relay's, in milliseconds; undefined where what answers is no relay. */
  readonly behindMs: number | undefined;
}

const lookMs = 10_000;
const answerLimit = 16 * 1024;
const question = 'GET / HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n';

/**
 * Looks at what answers at an address as a stranger does: shakes hands with whatever certificate, and asks for nothing.
 *
 * @throws SitespanError `relay-unreachable`, `relay-answer` for what speaks no TLS, `deadline`; the signal's reason
 */
export function lookAtRelay(relay: RelayAddress, signal?: AbortSignal): Promise<RelayLook> {
  return connected(relay, signal, async (raw, where) => {
    const engine = await shakeHands(raw, relay, where);
    const protocol = engine.getProtocol() ?? 'no TLS';
    const certificate = engine.getPeerX509Certificate();
    if (certificate === undefined) throw noTls(where);
    const asked = Date.now();
    const text = await answerOf(engine, question, 'head');
    const middle = (asked + Date.now()) / 2;
    const time = /^Sitespan-Time: ([0-9]{1,16})\r?$/im.exec(text)?.[1];
    return {
      ...{ protocol, certificate, distrust: distrustOf(engine) },
      answer: text.split(/\r?\n/)[0] ?? '',
      behindMs: time === undefined ? undefined : Number(time) - middle,
    };
  });
}

/**
 * Asks as a load balancer does, without TLS.
 *
 * @returns seconds since the relay has started; undefined where the answer is another's
 * @throws as `lookAtRelay`
 */
export function relayUptime(
  relay: Pick<RelayAddress, 'host' | 'port'>,
  signal?: AbortSignal,
): Promise<number | undefined> {
  return connected(relay, signal, async (raw) => {
    const text = await answerOf(raw, 'GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n', 'all');
    const uptime = /\r\n\r\n\{"ok":true,"uptimeSeconds":([0-9]{1,12})\}$/.exec(text)?.[1];
    return uptime === undefined ? undefined : Number(uptime);
  });
}

/** Does something with a connection, which ends with it, or when the time for it is up. */
function connected<T>(
  relay: Pick<RelayAddress, 'host' | 'port'>,
  signal: AbortSignal | undefined,
  work: (raw: Socket, where: string) => Promise<T>,
): Promise<T> {
  const where = `${relay.host}:${relay.port}`;
  return withDeadline(
    async (deadline) => {
      const raw = await reach(relay, deadline);
      const end = (): void => {
        raw.destroy();
      };
      deadline.addEventListener('abort', end, { once: true });
      try {
        return await work(raw, where);
      } finally {
        deadline.removeEventListener('abort', end);
        raw.destroy();
      }
    },
    { timeoutMs: lookMs, what: `The answer of what listens at ${where}`, signal },
  );
}

/** In words, why a connection did not come about. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused; nothing listens there, or a firewall on the way says no',
  ENOTFOUND: 'no computer has that name',
  EAI_AGAIN: 'names cannot be looked up now',
  ETIMEDOUT: 'no answer; a firewall on the way may drop it',
  EHOSTUNREACH: 'there is no way to that computer',
  ENETUNREACH: 'there is no way to that network',
};

function reach(relay: Pick<RelayAddress, 'host' | 'port'>, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const raw = connectTcp({ host: relay.host, port: relay.port, noDelay: true });
    const onAbort = (): void => {
      raw.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    raw.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      raw.on('error', () => raw.destroy());
      resolve(raw);
    });
    raw.once('error', (cause: Error & { readonly code?: string }) => {
      signal.removeEventListener('abort', onAbort);
      const why = words[cause.code ?? ''] ?? cause.code ?? cause.message;
      const message = `This computer cannot reach ${relay.host}:${relay.port}: ${why}.`;
      reject(new SitespanError('relay-unreachable', message, { cause }));
    });
  });
}

function shakeHands(raw: Socket, relay: RelayAddress, where: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = isIP(relay.serverName) === 0 ? { servername: relay.serverName } : {};
    const ca = relay.ca === undefined ? {} : { ca: relay.ca };
    // Nothing is believed of it and nothing is told to it: the certificate is looked at, and judged by who asked.
    const engine = connectTls({ socket: raw, host: relay.serverName, ...name, ...ca, rejectUnauthorized: false });
    const fail = (): void => reject(noTls(where));
    engine.on('error', fail);
    engine.once('close', fail);
    engine.once('secureConnect', () => {
      engine.off('close', fail);
      resolve(engine);
    });
  });
}

/** Node has it as an error, its types, or its code. */
function distrustOf(engine: TLSSocket): string | undefined {
  if (engine.authorized) return undefined;
  const error: unknown = engine.authorizationError;
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}

/** @param part the head alone, or all until the other side closes, which a server that keeps connections does not */
function answerOf(stream: Socket, asked: string, part: 'head' | 'all'): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const end = (): void => resolve(text);
    stream.setEncoding('latin1');
    stream.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > answerLimit || (part === 'head' && text.includes('\r\n\r\n'))) end();
    });
    stream.once('end', end);
    stream.once('close', end);
    stream.on('error', end);
    stream.write(asked, 'latin1');
  });
}

function noTls(where: string): SitespanError {
  return new SitespanError('relay-answer', `What answers at ${where} speaks no TLS, so it is no relay.`);
}
