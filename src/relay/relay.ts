import { createServer, type Server, type Socket } from 'node:net';
import { SitespanError } from '../base/errors.js';
import type { RelayCertificate } from './certificateFiles.js';
import { FrontDoor } from './frontDoor.js';
import { defaultLimits, type Limits } from './limits.js';
import type { RelayLog } from './relayLog.js';

export interface RelayOptions {
  readonly certificate: RelayCertificate;
  readonly tenants: { userKey(tenant: string): Promise<string | undefined> };
  readonly log: RelayLog;
  readonly limits?: Partial<Limits>;
}

/** A relay that listens: docs/relay.md is what it does. */
export class Relay {
  private constructor(
    private readonly server: Server,
    private readonly door: FrontDoor,
    private readonly sockets: ReadonlySet<Socket>,
    readonly host: string,
    readonly port: number,
  ) {}

  /** @throws SitespanError `relay-listen` */
  static async listen(host: string, port: number, options: RelayOptions): Promise<Relay> {
    const { certificate, tenants, log } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const door = new FrontDoor({ certificate, tenants, limits, log });
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (raw) => {
      sockets.add(raw);
      raw.once('close', () => sockets.delete(raw));
      // It answers for what it throws itself; this is for what nobody thought of.
      door.welcome(raw).catch((error: unknown) => {
        log({ event: 'internal-error', why: String(error) });
        raw.destroy();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        reject(
          new SitespanError('relay-listen', `The relay cannot listen on ${host}:${port} (${cause.message}).`, {
            cause,
          }),
        );
      });
      server.listen({ host, port, backlog: 4096 }, resolve);
    });
    server.on('error', (error) => log({ event: 'internal-error', why: error.message }));
    const address = server.address();
    if (address === null || typeof address === 'string')
      throw new SitespanError('relay-listen', 'The relay has no port.');
    return new Relay(server, door, sockets, address.address, address.port);
  }

  /** Ends every connection, and resolves when the port is free. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.door.dispose();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
