import type { Socket } from 'node:net';

const defaultLingerMs = 2000;

/** Bytes that went through, both ways, when all is over. */
export interface Spliced {
  readonly bytes: number;
}

/**
 * Copies both ways between two paused sockets until both are closed.
 *
 * Backpressure is TCP's own: while one end does not take its bytes, the other is not read. The end of one direction is
 * passed on and leaves the other open (half-close); a break of one end ends the other, after what it was sent before.
 *
 * @param lingerMs how long an end may take to read what it was sent before the other broke
 */
export function splice(a: Socket, b: Socket, onEnd: (spliced: Spliced) => void, lingerMs = defaultLingerMs): void {
  let open = 2;
  const before = a.bytesRead + b.bytesRead;
  const onClosed = (): void => {
    open--;
    if (open === 0) onEnd({ bytes: a.bytesRead + b.bytesRead - before });
  };
  oneWay(a, b, lingerMs, onClosed);
  oneWay(b, a, lingerMs, onClosed);
}

function oneWay(from: Socket, to: Socket, lingerMs: number, onClosed: () => void): void {
  const closed = (): void => {
    onClosed();
    // A regular end was passed on: `to` has had its own end, too, and takes the time it needs for what is left.
    if (to.destroyed || from.readableEnded) return;
    const linger = setTimeout(() => to.destroy(), lingerMs);
    to.once('close', () => clearTimeout(linger));
    to.destroySoon();
  };
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.once('end', () => to.end());
  if (from.closed) {
    closed();
  } else {
    from.once('close', closed);
    from.resume();
  }
}
