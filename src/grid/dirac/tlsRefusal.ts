import { connect } from 'node:tls';

export interface TlsCredentials {
  readonly cert: string;
  readonly key: string;
  readonly ca: string[];
}

const patienceMs = 10_000;

/**
 * Why a server that only closed the connection does not take our certificate: its TLS alert, where it sends one.
 *
 * In TLS 1.3 a server judges the client after the handshake, and whoever reads from the connection may see its end before the
 * alert. In 1.2 the alert is the handshake's own failure.
 */
export function tlsRefusal(address: string, credentials: TlsCredentials): Promise<Error | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ ...credentials, host: hostname, port: Number(port || 443), maxVersion: 'TLSv1.2' });
    const settle = (refusal?: Error): void => {
      resolve(refusal);
      socket.destroy();
    };
    socket.setTimeout(patienceMs, settle);
    socket.once('secureConnect', () => settle());
    socket.once('close', () => settle());
    socket.on('error', settle);
  });
}
