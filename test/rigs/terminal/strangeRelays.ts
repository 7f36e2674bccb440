import { once } from 'node:events';
import { createServer as createTcpServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';

/** Something at a port of this computer that may be taken for a relay. */
export interface StrangeRelay {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Proves to be `relay.example` by a certificate of this authority, and answers the same to everybody.
 *
 * @param expires of the certificate, Unix seconds; 0 for a year
 */
export async function strangeRelay(authority: ClusterAuthority, answer: string, expires = 0): Promise<StrangeRelay> {
  const server = createTlsServer(authority.issue('relay', 'relay', expires, ['relay.example']), (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

/** Accepts whoever comes, and says nothing. */
export function silentRelay(): Promise<StrangeRelay> {
  // Read, so that the end of the other side is seen.
  return listening(createTcpServer((socket) => socket.on('error', () => undefined).resume()));
}

async function listening(server: Server): Promise<StrangeRelay> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server without a port');
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
