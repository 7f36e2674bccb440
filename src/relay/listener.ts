import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { pauseMs } from '../base/backoff.js';
import { type Disposable, disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter } from '../base/events.js';
import { sleep, withDeadline } from '../base/waiting.js';
import { type FromListener, type FromRelay, fromRelaySchema, LineReader, writeLine } from './controlLines.js';
import { type Role, roles } from './credential.js';
import { type Dialler, dialControl, dialRelay, type RelayClock } from './dial.js';
import { defaultLimits } from './limits.js';
import { type Id, parseId } from './names.js';
import { Refusal } from './refusal.js';
import { acceptTarget, controlTarget } from './request.js';

/** Gets a raw socket, paused, whose far end is `from`; the receiver owns it. TLS is to start inside. */
export type OnStream = (socket: Socket, from: string, role: Role) => void;

export type ListenerState =
  | { readonly phase: 'connecting'; readonly problem?: SitespanError }
  | { readonly phase: 'registered'; readonly id: string }
  /** The relay refused for good, or it was disposed. */
  | { readonly phase: 'ended'; readonly problem?: SitespanError };

export interface ListenerOptions {
  /** What lets it have an id that another connection holds or held; a keeper can derive it (`cookieOf`). */
  readonly cookie?: string;
  /** Failures that are mended by trying again; for a log. */
  readonly onProblem?: (error: unknown) => void;
}

const backoff = { firstMs: 50, maxMs: 2000 };
const acceptTimeoutMs = 10_000;
/** Until the relay has said how often it pings. */
const firstSilenceMs = 30_000;

/**
 * Listens at the relay: keeps a control connection under one id, dials back for each caller, and hands out the streams.
 *
 * Goes on until it is disposed or the relay says that it can never be (`state`).
 */
export class RelayListener implements Disposable {
  private readonly ended = new AbortController();
  private readonly changed: Emitter;
  private readonly clock: RelayClock = { offsetMs: 0 };
  private receiver: OnStream | undefined;
  private current: ListenerState = { phase: 'connecting' };
  private control: TLSSocket | undefined;
  private revoked: readonly string[] | undefined;
  private cookie: string | undefined;
  private id: Id;
  private readonly onProblem: (error: unknown) => void;

  constructor(
    private readonly dialler: Dialler,
    id: string,
    options: ListenerOptions = {},
  ) {
    const parsed = parseId(id, true);
    if (parsed === undefined) throw new SitespanError('bad-request', `${id} is not an id to listen as.`);
    this.id = parsed;
    this.cookie = options.cookie;
    this.onProblem = options.onProblem ?? (() => undefined);
    this.changed = new Emitter(this.onProblem);
    // One for each accept that is under way.
    setMaxListeners(0, this.ended.signal);
    void this.run();
  }

  get state(): ListenerState {
    return this.current;
  }

  readonly onDidChangeState = (listener: () => void): Disposable => this.changed.event(listener);

  /** Says who receives from now on; while nobody does, callers are refused. */
  onStream(callback: OnStream): Disposable {
    this.receiver = callback;
    return disposable(() => {
      if (this.receiver === callback) this.receiver = undefined;
    });
  }

  /** Waits until callers can reach us. @returns the id. @throws SitespanError when it ended, or `deadline` */
  async registered(options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<string> {
    const what = `The relay's answer to ${this.dialler.credential.subject}`;
    const wait = (signal: AbortSignal): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const { current } = this;
          if (current.phase === 'registered') resolve(current.id);
          else if (current.phase === 'ended')
            reject(current.problem ?? new SitespanError('relay-lost', 'The listener was ended.'));
          else return;
          subscription.dispose();
        };
        const subscription = this.changed.event(look);
        signal.addEventListener('abort', () => subscription.dispose(), { once: true });
        look();
      });
    return await withDeadline(wait, { ...options, what });
  }

  /**
   * Names all subjects of the cluster that the relay is to cut and refuse; a keeper's alone. Said again after each
   * registration.
   *
   * @throws SitespanError `limit` for more than the relay takes
   */
  revoke(subjects: readonly string[]): void {
    if (subjects.length > defaultLimits.revokedPerCluster) {
      throw new SitespanError(
        'limit',
        `The relay takes at most ${defaultLimits.revokedPerCluster} revoked subjects of a cluster.`,
      );
    }
    this.revoked = [...subjects];
    this.say({ op: 'revoke', subjects: [...this.revoked] });
  }

  /** Gives the id back. Streams that were handed out go on. */
  dispose(): void {
    if (this.ended.signal.aborted) return;
    this.say({ op: 'bye' });
    this.control?.end();
    this.ended.abort(new SitespanError('relay-lost', 'The listener was ended.'));
    if (this.current.phase !== 'ended') this.become({ phase: 'ended' });
    this.changed.dispose();
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.serve(signal);
        failures = 0;
        if (!signal.aborted) this.become({ phase: 'connecting' });
      } catch (error) {
        if (signal.aborted) return;
        this.onProblem(error);
        const problem = SitespanError.is(error)
          ? error
          : new SitespanError('relay-lost', "The relay's control connection failed.", { cause: error });
        if (error instanceof Refusal && error.final) {
          this.become({ phase: 'ended', problem });
          return;
        }
        this.become({ phase: 'connecting', problem });
        failures++;
      }
      await sleep(pauseMs(failures + 1, backoff), signal).catch(() => undefined);
    }
  }

  /** Resolves when a connection that was registered is lost. */
  private async serve(signal: AbortSignal): Promise<void> {
    const { socket } = await dialControl(this.dialler, controlTarget(this.id), this.cookie, {
      signal,
      clock: this.clock,
    });
    const reader = new LineReader(fromRelaySchema, defaultLimits.lineBytes);
    let silenceMs = firstSilenceMs;
    let wasRegistered = false;
    let failure: unknown;
    const onSilence = (): void => {
      this.onProblem(new SitespanError('relay-lost', 'The relay has fallen silent.'));
      socket.destroy();
    };
    let silence = setTimeout(onSilence, silenceMs);
    const onAbort = (): void => socket.destroySoon();
    const onData = (chunk: Buffer): void => {
      try {
        for (const message of reader.push(chunk)) {
          if (message.op === 'registered') {
            wasRegistered = true;
            silenceMs = 3 * message.pingMs;
            this.control = socket;
          }
          this.onMessage(message);
        }
      } catch (error) {
        failure = error;
        socket.destroy();
      }
      clearTimeout(silence);
      silence = setTimeout(onSilence, silenceMs);
    };
    try {
      await new Promise<void>((resolve) => {
        socket.on('data', onData);
        socket.once('end', () => socket.end());
        socket.once('close', () => resolve());
        signal.addEventListener('abort', onAbort, { once: true });
        socket.resume();
        if (socket.destroyed) resolve();
      });
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      if (this.control === socket) this.control = undefined;
    }
    if (failure !== undefined) throw failure;
    if (!wasRegistered)
      throw new SitespanError('relay-lost', 'The relay ended the control connection before it had registered us.');
  }

  private onMessage(message: FromRelay): void {
    switch (message.op) {
      case 'registered': {
        const id = parseId(message.id);
        if (id === undefined)
          throw new SitespanError('control-garbage', 'The relay registered us under what is no id.');
        this.id = id;
        this.cookie = message.cookie;
        if (this.revoked !== undefined) this.say({ op: 'revoke', subjects: [...this.revoked] });
        this.become({ phase: 'registered', id: message.id });
        break;
      }
      case 'ping':
        this.say({ op: 'pong' });
        break;
      case 'dial':
        void this.accept(message.ticket);
        break;
      case 'revoked':
        break;
    }
  }

  private async accept(ticket: string): Promise<void> {
    if (this.receiver === undefined) {
      this.say({ op: 'refuse', ticket });
      return;
    }
    const { signal } = this.ended;
    try {
      const options = { signal, clock: this.clock, timeoutMs: acceptTimeoutMs };
      const { socket, headers } = await dialRelay(this.dialler, acceptTarget, ticket, options);
      const from = headers.get('sitespan-from') ?? '';
      const role = roles.find((known) => known === headers.get('sitespan-role'));
      if (role === undefined || parseId(from) === undefined) {
        socket.destroy();
        throw new SitespanError('relay-answer', 'The relay did not say who calls.');
      }
      this.hand(socket, from, role);
    } catch (error) {
      if (signal.aborted) return;
      this.onProblem(error);
      this.say({ op: 'refuse', ticket });
    }
  }

  private hand(socket: Socket, from: string, role: Role): void {
    try {
      if (this.receiver === undefined) socket.destroy();
      else this.receiver(socket, from, role);
    } catch (error) {
      socket.destroy();
      this.onProblem(error);
    }
  }

  private say(message: FromListener): void {
    if (this.control?.writable) this.control.write(writeLine(message));
  }

  private become(state: ListenerState): void {
    this.current = state;
    this.changed.fire();
  }
}
