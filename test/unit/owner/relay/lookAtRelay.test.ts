import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ClusterAuthority } from '../../../../src/credentials/clusterAuthority.js';
import { lookAtRelay } from '../../../../src/owner/relay/lookAtRelay.js';

describe('A look at what answers at an address', () => {
  const open = new Set<TLSSocket>();
  let server: Server;
  let port = 0;
  let asked = '';
  before(async () => {
    const { cert, key } = ClusterAuthority.create().issue('web', 'relay', 0, ['localhost']);
    server = createServer({ cert, key }, (socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (question) => {
        asked = String(question);
        // It goes on listening, as a web server does that keeps connections.
        socket.write('HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nhello');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : assert.fail('a server without a port');
  });
  after(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  it('does not wait for a server that keeps the connection, and asks it not to', async () => {
    const look = await lookAtRelay({ host: '127.0.0.1', port, serverName: 'localhost', ca: undefined });
    assert.equal(look.answer, 'HTTP/1.1 200 OK');
    assert.equal(look.behindMs, undefined);
    assert.match(asked, /^Connection: close\r$/m);
  });
});
