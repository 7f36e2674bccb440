import { request } from 'node:https';
import { connect } from 'node:net';
import { TLSSocket } from 'node:tls';
import { GridCertificate } from '../../credentials/gridCertificate.js';

/** What can be seen of a server by whom shows it nothing: looked at only to say why a call failed, and believed in nothing. */
export interface ServerView {
  /** Its certificate, and what it sends along. */
  readonly chain: readonly GridCertificate[];
  /** What its clock says. */
  readonly time?: Date;
}

const patienceMs = 10_000;
const longestChain = 8;

/** Nothing where it does not even speak TLS. */
export function viewServer(address: string, signal?: AbortSignal): Promise<ServerView> {
  return new Promise((resolve) => {
    let chain: readonly GridCertificate[] = [];
    let time: Date | undefined;
    // No certificate of ours goes along, and nothing that comes back is used: so nobody need be trusted.
    const options = { method: 'HEAD', agent: false, rejectUnauthorized: false, timeout: patienceMs, signal };
    const asking = request(address, options, (response) => {
      const date = Date.parse(response.headers.date ?? '');
      if (Number.isFinite(date)) time = new Date(date);
      response.resume();
      asking.destroy();
    });
    asking.once('socket', (socket) => {
      socket.once('secureConnect', () => {
        if (socket instanceof TLSSocket) chain = chainOf(socket);
      });
    });
    asking.once('timeout', () => asking.destroy());
    asking.on('error', () => undefined);
    asking.once('close', () => resolve({ chain, ...(time === undefined ? {} : { time }) }));
    asking.end();
  });
}

function chainOf(socket: TLSSocket): GridCertificate[] {
  const chain: GridCertificate[] = [];
  let one = socket.getPeerCertificate(true);
  while (one?.raw !== undefined && chain.length < longestChain) {
    chain.push(new GridCertificate(one.raw));
    // The topmost names itself.
    if (one.issuerCertificate === one) break;
    one = one.issuerCertificate;
  }
  return chain;
}

/** What answers there without TLS: its first words, as `HTTP/1.1 400 Bad Request`; undefined where it says nothing. */
export function plainWords(address: string, signal?: AbortSignal): Promise<string | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 443), ...(signal === undefined ? {} : { signal }) });
    let words: string | undefined;
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.once('connect', () => socket.write(`HEAD / HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`));
    socket.once('data', (data) => {
      words = /^[\x20-\x7e]{4,60}/.exec(data.toString('latin1'))?.[0];
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(words));
  });
}
