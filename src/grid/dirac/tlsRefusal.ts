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

/** Which kinds of signatures a server takes of its clients, `ECDSA+SHA256`, of those that we know; none where it asks for none. */
export function clientSignatures(address: string, credentials: TlsCredentials): Promise<readonly string[]> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ ...credentials, host: hostname, port: Number(port || 443), maxVersion: 'TLSv1.2' });
    let kinds: readonly string[] = [];
    socket.setTimeout(patienceMs, () => socket.destroy());
    // What is asked for is known when keys are agreed on, before a server that demands a certificate breaks the handshake off.
    socket.on('keylog', () => {
      kinds = socket.getSharedSigalgs();
    });
    socket.once('secureConnect', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve(kinds));
  });
}
