import type { Socket } from 'node:net';

/** How long what one end has sent may take to be read, after the other broke. */
const lingerMs = 2000;

/** Bytes that went each way, when all is over. */
export interface Spliced {
  readonly bytes: number;
}

/**
 * Copies both ways between two paused sockets until both are closed.
 *
 * Backpressure is TCP's own: while one end does not take its bytes, the other is not read. The end of one direction is
 * passed on and leaves the other open (half-close); a break of one end ends the other, after what it was sent before.
 */
export function splice(a: Socket, b: Socket, onEnd: (spliced: Spliced) => void): void {
  let open = 2;
  const before = a.bytesRead + b.bytesRead;
  const onClosed = (): void => {
    open--;
    if (open === 0) onEnd({ bytes: a.bytesRead + b.bytesRead - before });
  };
  oneWay(a, b, onClosed);
  oneWay(b, a, onClosed);
}

function oneWay(from: Socket, to: Socket, onClosed: () => void): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.once('end', () => to.end());
  from.once('close', () => {
    onClosed();
    if (to.destroyed) return;
    // A regular end has passed on by now; `to` may only have to send what it was given. Otherwise nobody reads it any more.
    const linger = setTimeout(() => to.destroy(), lingerMs);
    to.once('close', () => clearTimeout(linger));
    to.destroySoon();
  });
  if (from.destroyed) {
    onClosed();
    to.destroy();
  } else {
    from.resume();
  }
}
