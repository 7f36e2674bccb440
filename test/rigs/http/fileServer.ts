import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

/** Serves a folder over HTTP with ranges, as a storage would, and counts the bytes of the files it sends. */
export class FileServer {
  /** Bytes of file content sent, heads not counted. */
  bytes = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(folder: string): Promise<FileServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const made = new FileServer(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response) => {
      const path = join(folder, normalize(decodeURIComponent(new URL(request.url ?? '/', made.url).pathname)));
      stat(path).then(
        ({ size }) => {
          const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
          const start = Number(from ?? 0);
          const end = Math.min(size - 1, to === undefined || to === '' ? size - 1 : Number(to));
          const head = { 'accept-ranges': 'bytes', 'content-length': Math.max(0, end - start + 1) };
          const partial = { ...head, 'content-range': `bytes ${start}-${end}/${size}` };
          response.writeHead(from === undefined ? 200 : 206, from === undefined ? head : partial);
          if (request.method === 'HEAD') {
            response.end();
            return;
          }
          createReadStream(path, { start, end })
            .on('data', (chunk) => {
              made.bytes += chunk.length;
            })
            .pipe(response);
        },
        () => response.writeHead(404).end(),
      );
    });
    return made;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
