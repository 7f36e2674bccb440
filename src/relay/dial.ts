import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SitespanError } from '../base/errors.js';
import { withDeadline } from '../base/waiting.js';
import type { Identity, RelayAddress } from './identity.js';
import { buildPrelude, parseHeaders } from './prelude.js';
import { readHead } from './readHead.js';
import { RecordCutter } from './recordCutter.js';
import { isRefusalCode, Refusal, StrangerError } from './refusal.js';

/** How far this computer's clock is behind the relay's, as far as is known. Shared by the dials of one process. */
export interface RelayClock {
  offsetMs: number;
}

export interface DialOptions {
  readonly signal?: AbortSignal | undefined;
  /** For all of it, also what the relay waits for the target; 45 s unless told otherwise. */
  readonly timeoutMs?: number;
  readonly clock?: RelayClock;
}

/** Who dials: all that is needed of its identity. */
export type Dialler = Pick<Identity, 'relay' | 'credential'>;

/** What a dial came to: a raw socket, paused, with whatever came with it; or, for a control connection, TLS. */
export interface Dialled<Stream extends Duplex> {
  readonly socket: Stream;
  /** Of the relay's answer, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

const answerLimitBytes = 16 * 1024;
const clockToleranceMs = 60_000;

/**
 * Opens a stream through the relay: proves the relay by TLS, shows the prelude in it, and steps down.
 *
 * @param target `connectTarget(…)` or `acceptTarget`
 * @param secret the ticket of an accept
 * @throws Refusal what the relay said; SitespanError `relay-unreachable`, `relay-untrusted`, `relay-stranger` (it does
 *   not know us), `relay-lost`, `deadline`; the signal's reason
 */
export function dialRelay(
  dialler: Dialler,
  target: string,
  secret?: string,
  options: DialOptions = {},
): Promise<Dialled<Socket>> {
  return dial(dialler, target, secret, options, stepDown);
}

/**
 * Opens a control connection; it stays in TLS.
 *
 * @param secret the cookie, to have an id again
 * @throws as `dialRelay`
 */
export function dialControl(
  dialler: Dialler,
  target: string,
  secret?: string,
  options: DialOptions = {},
): Promise<Dialled<TLSSocket>> {
  return dial(dialler, target, secret, options, stayInTls);
}

/** Sends a prelude in TLS over a connected socket and brings the head of the answer. The raw socket is the caller's to end. */
type Approach<Stream> = (
  raw: Socket,
  relay: RelayAddress,
  prelude: string,
  signal: AbortSignal,
) => Promise<{ readonly socket: Stream; readonly head: string }>;

async function dial<Stream extends Duplex>(
  dialler: Dialler,
  target: string,
  secret: string | undefined,
  options: DialOptions,
  approach: Approach<Stream>,
): Promise<Dialled<Stream>> {
  const clock = options.clock ?? { offsetMs: 0 };
  const where = `${dialler.relay.host}:${dialler.relay.port}`;
  const deadline = {
    timeoutMs: options.timeoutMs ?? 45_000,
    what: `The answer of the relay at ${where}`,
    signal: options.signal,
  };
  return await withDeadline(async (signal) => {
    for (let corrected = false; ; corrected = true) {
      const raw = await connected(dialler.relay, signal);
      try {
        const prelude = buildPrelude(dialler.credential, target, secret, Date.now() + clock.offsetMs);
        const { socket, head } = await approach(raw, dialler.relay, prelude, signal);
        signal.throwIfAborted();
        const { status, headers } = parseAnswer(head, where);
        if (status === 101) return { socket, headers };
        const relayTime = Number(headers.get('sitespan-time') ?? Number.NaN);
        const wrongMs = relayTime - (Date.now() + clock.offsetMs);
        if (corrected || !(Math.abs(wrongMs) > clockToleranceMs)) throw refusalOf(headers, where, target);
        clock.offsetMs += wrongMs;
        raw.destroy();
      } catch (error) {
        raw.destroy();
        throw error;
      }
    }
  }, deadline);
}

/** A connected socket that ends when the signal aborts, until it is somebody else's. */
function connected(relay: RelayAddress, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const raw = connectTcp({
      host: relay.host,
      port: relay.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
    });
    const onAbort = (): void => {
      raw.destroy();
      reject(signal.reason);
    };
    const onError = (cause: Error & { readonly code?: string }): void => {
      signal.removeEventListener('abort', onAbort);
      const why = cause.code ?? cause.message;
      const message = `This computer cannot reach the relay at ${relay.host}:${relay.port} (${why}); see that it runs and that outbound TCP ${relay.port} is allowed.`;
      reject(new SitespanError('relay-unreachable', message, { cause }));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    raw.once('error', onError);
    raw.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      raw.off('error', onError);
      // Whoever reads the answer sees the end; an error without a listener would end the process.
      raw.on('error', () => raw.destroy());
      resolve(raw);
    });
  });
}

const stayInTls: Approach<TLSSocket> = async (raw, relay, prelude, signal) => {
  const engine = connectTls({ socket: raw, ...trust(relay) });
  const { head, rest } = await answered(engine, relay, prelude, signal);
  if (rest.length > 0) engine.unshift(rest);
  return { socket: engine, head };
};

const stepDown: Approach<Socket> = async (raw, relay, prelude, signal) => {
  const cutter = new RecordCutter();
  const feed = new Duplex({
    allowHalfOpen: true,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      raw.write(chunk, done);
    },
  });
  feed.on('error', () => raw.destroy());
  const engine = connectTls({ socket: feed, ...trust(relay) });
  let steppedDown = false;
  const onData = (chunk: Buffer): void => {
    const { records, raw: rest } = cutter.push(chunk);
    if (records.length > 0) feed.push(records);
    if (rest === undefined) return;
    steppedDown = true;
    raw.off('data', onData);
    raw.off('end', onEnd);
    raw.pause();
    if (rest.length > 0) raw.unshift(rest);
  };
  const onEnd = (): void => {
    feed.push(null);
  };
  const onClose = (): void => {
    feed.destroy();
    engine.destroy();
  };
  raw.on('data', onData);
  raw.once('end', onEnd);
  raw.once('close', onClose);
  try {
    const { head } = await answered(engine, relay, prelude, signal);
    // The record follows the answer at once; it may still be on its way.
    if (head.startsWith('HTTP/1.1 101 ')) await untilSteppedDown(raw, () => steppedDown, relay, signal);
    return { socket: raw, head };
  } finally {
    raw.off('close', onClose);
    engine.on('error', () => undefined);
    feed.destroy();
    engine.destroy();
  }
};

function untilSteppedDown(raw: Socket, done: () => boolean, relay: RelayAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      raw.off('data', onData);
      raw.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    // Added after the one that cuts records, so that it is called after it.
    const onData = (): void => {
      if (done()) settle(resolve);
    };
    const onClose = (): void => settle(() => reject(lost(relay)));
    const onAbort = (): void => settle(() => reject(signal.reason));
    raw.on('data', onData);
    raw.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (done()) settle(resolve);
    else if (raw.destroyed) onClose();
  });
}

/** Shakes hands, sends the prelude, and reads the head of the answer. */
async function answered(engine: TLSSocket, relay: RelayAddress, prelude: string, signal: AbortSignal) {
  const broken = new AbortController();
  let secure = false;
  const onError = (cause: Error & { readonly code?: string }): void =>
    broken.abort(secure ? lost(relay, cause) : untrusted(relay, cause));
  engine.on('error', onError);
  engine.once('secureConnect', () => {
    secure = true;
    engine.write(prelude, 'latin1');
  });
  try {
    return await readHead(engine, answerLimitBytes, AbortSignal.any([signal, broken.signal]));
  } catch (error) {
    throw error instanceof StrangerError ? lost(relay, error) : error;
  } finally {
    engine.off('error', onError);
    engine.on('error', () => engine.destroy());
  }
}

function trust(relay: RelayAddress) {
  const ca = relay.ca === undefined ? {} : { ca: relay.ca };
  // A relay may be known by an IP address, which its certificate then names; as SNI none may be sent (RFC 6066, 3).
  const name = isIP(relay.serverName) === 0 ? { servername: relay.serverName } : {};
  return { host: relay.serverName, ...name, minVersion: 'TLSv1.3' as const, ...ca };
}

function parseAnswer(head: string, where: string): { status: number; headers: ReadonlyMap<string, string> } {
  const [first = '', ...lines] = head.slice(0, -4).split('\r\n');
  const status = /^HTTP\/1\.1 ([1-5][0-9]{2}) /.exec(first)?.[1];
  try {
    if (status !== undefined) return { status: Number(status), headers: parseHeaders(lines) };
  } catch {
    // Said below.
  }
  throw new SitespanError('relay-answer', `What answers at ${where} does not speak the relay's protocol.`);
}

function refusalOf(headers: ReadonlyMap<string, string>, where: string, target: string): SitespanError {
  const code = headers.get('sitespan-refusal') ?? '';
  if (isRefusalCode(code)) return new Refusal(code, `The relay at ${where} refused ${target} (${code}).`);
  return new SitespanError(
    'relay-stranger',
    `The relay at ${where} does not know us: it has no such tenant, or our credential has expired or is of another cluster; its log says which.`,
  );
}

function lost(relay: RelayAddress, cause?: unknown): SitespanError {
  const message = `The relay at ${relay.host}:${relay.port} ended the connection before it had answered.`;
  return new SitespanError('relay-lost', message, { cause });
}

function untrusted(relay: RelayAddress, cause: Error & { readonly code?: string }): SitespanError {
  const message = `What answers at ${relay.host}:${relay.port} could not prove to be the relay ${relay.serverName} (${cause.code ?? cause.message}).`;
  return new SitespanError('relay-untrusted', message, { cause });
}
