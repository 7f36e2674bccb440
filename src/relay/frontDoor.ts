import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Disposable } from '../base/disposable.js';
import { healthAnswer, refusalAnswer, strangerAnswer } from './answers.js';
import { authenticate } from './authenticate.js';
import { Broker } from './broker.js';
import type { RelayCertificate } from './certificateFiles.js';
import type { Limits } from './limits.js';
import { OuterTls } from './outerTls.js';
import type { Caller } from './permissions.js';
import { parsePrelude, parseRequest } from './prelude.js';
import { readHead } from './readHead.js';
import { Refusal, StrangerError } from './refusal.js';
import type { RelayLog } from './relayLog.js';
import { Replays } from './replays.js';
import { parseTarget } from './request.js';
import { Strangers } from './strangers.js';

/** A TLS record of type handshake. */
const tlsHandshake = 0x16;

export interface FrontDoorOptions {
  readonly certificate: RelayCertificate;
  readonly tenants: { userKey(tenant: string): Promise<string | undefined> };
  readonly limits: Limits;
  readonly log: RelayLog;
}

/** Meets every connection: finds out who it is, within bytes and time, and hands on those who are known. */
export class FrontDoor implements Disposable {
  private readonly strangers: Strangers;
  private readonly replays: Replays;
  private readonly broker: Broker;
  private readonly born = performance.now();

  constructor(private readonly options: FrontDoorOptions) {
    this.strangers = new Strangers(options.limits.strangers);
    this.replays = new Replays(options.limits.skewMs);
    this.broker = new Broker(options.limits, options.log, (outer, caller, refusal) => {
      options.log({ event: 'refused', code: refusal.refusal, ...caller, why: refusal.message });
      outer.end(refusalAnswer(refusal));
    });
  }

  /** Takes a connection over. Whatever goes wrong with it ends it alone. */
  async welcome(raw: Socket): Promise<void> {
    raw.on('error', () => raw.destroy());
    raw.setNoDelay(true);
    raw.setKeepAlive(true, 15_000);
    const remote = `${raw.remoteAddress}:${raw.remotePort}`;
    const stranger = this.strangers.enter();
    if (stranger === undefined) {
      this.options.log({ event: 'refused', code: 'too-many-strangers', remote });
      raw.destroy();
      return;
    }
    const patience = new AbortController();
    const { headMs } = this.options.limits;
    const tooSlow = new StrangerError('head-too-slow', `No whole head came within ${headMs / 1000} s.`);
    const timer = setTimeout(() => patience.abort(tooSlow), headMs);
    const channel: { outer?: OuterTls } = {};
    try {
      const first = await firstByte(raw, patience.signal);
      if (first === tlsHandshake) {
        const context = await this.options.certificate.secureContext();
        if (raw.destroyed) throw new StrangerError('head-garbage', 'The connection ended before hands were shaken.');
        channel.outer = new OuterTls(raw, context);
        await this.admit(channel.outer, patience.signal, remote);
      } else {
        await this.plain(raw, patience.signal);
      }
    } catch (error) {
      if (error instanceof StrangerError) {
        this.options.log({ event: 'refused', code: error.stranger, remote, why: error.message });
        const answer = strangerAnswer(Date.now());
        if (channel.outer === undefined) endPlain(raw, answer);
        else channel.outer.end(answer);
      } else {
        this.options.log({
          event: 'internal-error',
          remote,
          why: error instanceof Error ? (error.stack ?? '') : String(error),
        });
        raw.destroy();
      }
    } finally {
      clearTimeout(timer);
      stranger.dispose();
    }
  }

  dispose(): void {
    this.broker.dispose();
  }

  private async admit(outer: OuterTls, signal: AbortSignal, remote: string): Promise<void> {
    const { tenants, limits, log } = this.options;
    const prelude = parsePrelude(await this.onlyHead(outer.engine, signal));
    const authority = { tenants, replays: this.replays, skewMs: limits.skewMs };
    const who = await authenticate(prelude, authority, Date.now());
    try {
      this.broker.admit(who, parseTarget(prelude.target), prelude.secret, outer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const caller: Caller = who.caller;
      log({ event: 'refused', code: error.refusal, ...caller, remote, why: error.message });
      outer.end(refusalAnswer(error));
    }
  }

  /** @throws StrangerError also when something follows the head: who dials us waits for the answer */
  private async onlyHead(stream: Duplex, signal: AbortSignal): Promise<string> {
    const { head, rest } = await readHead(stream, this.options.limits.headBytes, signal);
    if (rest.length > 0) throw new StrangerError('head-garbage', 'There is more after the head.');
    return head;
  }

  private async plain(raw: Socket, signal: AbortSignal): Promise<void> {
    const { target } = parseRequest(await this.onlyHead(raw, signal));
    if (target !== '/healthz') throw new StrangerError('no-auth', 'A request without TLS.');
    endPlain(raw, healthAnswer(Math.floor((performance.now() - this.born) / 1000)));
  }
}

/** Looks at the first byte and leaves it where it is; the socket is paused afterwards. */
function firstByte(raw: Socket, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      raw.off('data', onData);
      raw.off('end', onEnd);
      raw.off('close', onEnd);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onData = (chunk: Buffer): void =>
      settle(() => {
        raw.pause();
        raw.unshift(chunk);
        resolve(chunk[0] ?? 0);
      });
    const onEnd = (): void =>
      settle(() => reject(new StrangerError('head-garbage', 'The connection ended before it said anything.')));
    const onAbort = (): void => settle(() => reject(signal.reason));
    raw.on('data', onData);
    raw.once('end', onEnd);
    raw.once('close', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function endPlain(raw: Duplex & Pick<Socket, 'destroySoon'>, answer: string): void {
  const linger = setTimeout(() => raw.destroy(), 2000);
  raw.once('close', () => clearTimeout(linger));
  raw.resume();
  raw.end(answer, 'latin1', () => raw.destroySoon());
}
