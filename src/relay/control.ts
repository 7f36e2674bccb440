import { upgradeAnswer } from './answers.js';
import { type FromListener, type FromRelay, fromListenerSchema, LineReader, writeLine } from './controlLines.js';
import type { Limits } from './limits.js';
import type { OuterTls } from './outerTls.js';

/** A listener that does not read what it is told is cut at so many bytes. */
const unreadLimitBytes = 1024 * 1024;

export interface ControlEvents {
  onMessage(message: FromListener): void;
  /** It is over; `why` is for the log. Called once. */
  onClose(why: string): void;
}

/** The relay's end of a control connection: lines in TLS, a heartbeat, and an end when the listener falls silent. */
export class Control {
  private readonly reader: LineReader<FromListener>;
  private readonly ping: NodeJS.Timeout;
  private silence: NodeJS.Timeout;
  private open = true;

  constructor(
    private readonly outer: OuterTls,
    private readonly limits: Limits,
    lineBytes: number,
    private readonly events: ControlEvents,
  ) {
    this.reader = new LineReader(fromListenerSchema, lineBytes);
    const { engine } = outer;
    engine.write(upgradeAnswer(), 'latin1');
    this.ping = setInterval(() => this.send({ op: 'ping' }), limits.pingMs);
    this.silence = this.watchSilence();
    engine.on('data', (chunk: Buffer) => this.read(chunk));
    engine.once('end', () => this.end('it ended'));
    engine.once('close', () => this.end('it broke'));
    engine.resume();
    if (engine.destroyed) queueMicrotask(() => this.end('it broke'));
  }

  send(message: FromRelay): void {
    if (!this.open) return;
    this.outer.engine.write(writeLine(message));
    if (this.outer.engine.writableLength > unreadLimitBytes) this.end('the listener does not read');
  }

  /** Ends the connection; safe to call again. */
  end(why: string): void {
    if (!this.open) return;
    this.open = false;
    clearInterval(this.ping);
    clearTimeout(this.silence);
    this.outer.end();
    this.events.onClose(why);
  }

  private read(chunk: Buffer): void {
    if (!this.open) return;
    clearTimeout(this.silence);
    this.silence = this.watchSilence();
    try {
      for (const message of this.reader.push(chunk)) {
        if (this.open) this.events.onMessage(message);
      }
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error));
    }
  }

  private watchSilence(): NodeJS.Timeout {
    return setTimeout(() => this.end('the listener is silent'), this.limits.silentMs);
  }
}
