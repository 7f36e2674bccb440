import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Where } from './rig.js';

/** What it does to the bytes that come from the relay. */
export type Manner = 'straight' | 'lumps' | 'dribbles' | 'frozen';

const quietMs = 30;

/** Stands between diallers and the relay, and changes how bytes come, never which. */
export class TamperingProxy implements Where {
  readonly host = '127.0.0.1';
  manner: Manner = 'straight';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(relay: Where): Promise<TamperingProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    const proxy = new TamperingProxy(server, address.port);
    server.on('connection', (near) => {
      const far = connect({ port: relay.port, host: relay.host, allowHalfOpen: true });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.sockets.add(one);
        one.setNoDelay(true);
        one.on('error', () => one.destroy());
        one.on('close', () => {
          proxy.sockets.delete(one);
          other.destroy();
        });
      }
      near.pipe(far);
      proxy.pass(far, near);
    });
    return proxy;
  }

  /** Breaks every connection that goes through. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  private pass(far: Socket, near: Socket): void {
    let held: Buffer[] = [];
    let quiet: NodeJS.Timeout | undefined;
    const flush = (): void => {
      near.write(Buffer.concat(held));
      held = [];
    };
    far.on('data', (chunk: Buffer) => {
      if (this.manner === 'straight') {
        near.write(chunk);
      } else if (this.manner === 'dribbles') {
        for (let at = 0; at < chunk.length; at += 7) near.write(chunk.subarray(at, at + 7));
      } else if (this.manner === 'lumps') {
        held.push(chunk);
        clearTimeout(quiet);
        quiet = setTimeout(flush, quietMs);
      }
    });
    far.on('end', () => {
      clearTimeout(quiet);
      flush();
      near.end();
    });
    near.on('close', () => clearTimeout(quiet));
  }
}
