import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Disposable } from '../base/disposable.js';

/** A way to a port of this computer that breaks on command, wherever in a message that is. */
export class CuttingProxy implements Disposable {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async listen(to: number): Promise<CuttingProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const proxy = new CuttingProxy(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (near: Socket) => {
      const far = dial({ port: to, host: '127.0.0.1', allowHalfOpen: true });
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          proxy.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    return proxy;
  }

  /** Ends every connection that leads through here now. @returns how many sockets that were */
  cut(how: 'FIN' | 'RST'): number {
    const cut = [...this.sockets];
    for (const socket of cut) {
      socket.unpipe();
      if (how === 'RST') socket.resetAndDestroy();
      else socket.destroySoon();
    }
    return cut.length;
  }

  dispose(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
