import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { type Disposable, disposable } from '../base/disposable.js';

/** The record that no TLS stack sends here: from the next byte on the connection is raw (docs/relay.md, "Step down"). */
export const stepDownRecord: Readonly<Uint8Array> = Uint8Array.of(0x18, 3, 3, 0, 1, 0);

/** How long an ended connection may take to be read by its peer. */
const lingerMs = 2000;

/**
 * The relay's end of the outer TLS. The engine is fed by hand, over a Duplex, so that the raw socket can be had back.
 *
 * @remarks Owns the raw socket until `stepDown` hands it out; `destroy` ends it also after that.
 */
export class OuterTls {
  /** What goes through the TLS: the head, and a control connection's lines. */
  readonly engine: TLSSocket;
  private readonly feed: Duplex;
  private readonly onRawData = (chunk: Buffer): void => {
    if (!this.feed.push(chunk)) this.raw.pause();
  };
  private readonly onRawEnd = (): void => {
    this.feed.push(null);
  };
  private readonly onRawClose = (): void => {
    this.feed.destroy();
    this.engine.destroy();
  };
  private readonly onEngineClose = (): void => {
    this.raw.destroy();
  };

  /** @param raw a paused socket, whose errors somebody listens to */
  constructor(
    private readonly raw: Socket,
    secureContext: SecureContext,
  ) {
    this.feed = new Duplex({
      allowHalfOpen: true,
      read: () => {
        raw.resume();
      },
      write: (chunk: Buffer, _encoding, done) => {
        raw.write(chunk, done);
      },
      final: (done) => {
        raw.end(() => done());
      },
    });
    this.feed.on('error', this.onEngineClose);
    this.engine = new TLSSocket(this.feed, { isServer: true, secureContext });
    this.engine.on('error', this.onEngineClose);
    this.engine.on('close', this.onEngineClose);
    raw.on('data', this.onRawData);
    raw.once('end', this.onRawEnd);
    raw.once('close', this.onRawClose);
    raw.resume();
  }

  /** Tells when a peer that has nothing to say goes, or says something all the same; until disposed. */
  watch(onGone: () => void): Disposable {
    const off = disposable(() => {
      this.engine.off('data', gone);
      this.engine.off('end', gone);
      this.engine.off('close', gone);
    });
    const gone = (): void => {
      off.dispose();
      onGone();
    };
    this.engine.on('data', gone);
    this.engine.on('end', gone);
    this.engine.on('close', gone);
    this.engine.resume();
    return off;
  }

  /** Answers if there is something to say, and ends the connection; what the peer still sends is thrown away. */
  end(answer?: string): void {
    if (this.raw.destroyed) return;
    if (this.engine.getPeerFinished() === undefined) {
      // Nothing can be said before hands are shaken.
      this.raw.destroy();
      return;
    }
    const linger = setTimeout(() => this.raw.destroy(), lingerMs);
    this.raw.once('close', () => clearTimeout(linger));
    this.engine.once('end', () => this.raw.destroySoon());
    this.engine.resume();
    // Node's engine over a Duplex breaks an assertion on an empty write.
    if (answer !== undefined) this.engine.write(answer, 'latin1');
    this.engine.end();
  }

  /**
   * Answers inside the TLS, then leaves it.
   *
   * @returns the raw socket, paused: not one byte after the step-down record has been read
   */
  stepDown(answer: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error('The connection ended before it stepped down.'));
      if (this.raw.destroyed || this.engine.destroyed) {
        fail();
        return;
      }
      this.engine.once('close', fail);
      // Nothing else is ever written while this is: Node's engine over a Duplex allows one write at a time.
      this.engine.write(answer, 'latin1', (error) => {
        this.engine.off('close', fail);
        if (error || this.raw.destroyed) {
          fail();
          return;
        }
        this.detach();
        this.raw.write(stepDownRecord);
        resolve(this.raw);
      });
    });
  }

  destroy(): void {
    this.raw.destroy();
  }

  /** The peer says nothing before it has the step-down record, so nothing of what comes next is in the engine. */
  private detach(): void {
    this.raw.off('data', this.onRawData);
    this.raw.off('end', this.onRawEnd);
    this.raw.off('close', this.onRawClose);
    this.engine.off('close', this.onEngineClose);
    this.engine.off('error', this.onEngineClose);
    this.feed.off('error', this.onEngineClose);
    // What the engine still has to say (close_notify) stays in it; its errors mean nothing any more.
    this.engine.on('error', () => undefined);
    this.feed.on('error', () => undefined);
    this.raw.pause();
    this.feed.destroy();
    this.engine.destroy();
  }
}
