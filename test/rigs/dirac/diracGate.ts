import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Agent, request } from 'undici';
import type { DiracRig } from './diracRig.js';

/** One call that passes: before DIRAC has it, and when DIRAC has answered but the caller does not know. */
export interface Passing {
  readonly method: string;
  readonly when: 'asked' | 'answered';
}

export interface Passed extends Passing {
  /** As it was called. */
  readonly args: string;
  /** Of the call's body, or of the answer's. */
  readonly bytes: number;
}

/**
 * Stands before a rig's services, so that a test can do something to the caller at an exact moment of a call. It shows the rig's
 * own certificate, and calls DIRAC as alice; what passes is not changed.
 *
 * A call goes on to DIRAC whatever becomes of its caller, as one does that is on the wire already; unless `onPass` throws.
 */
export class DiracGate {
  onPass: (passing: Passed) => Promise<void> = async () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly dispatcher: Agent,
    private readonly behind: string,
    private readonly port: number,
  ) {}

  static async start(rig: DiracRig): Promise<DiracGate> {
    const { pki } = rig;
    const [cert, key, ca, proxy] = await Promise.all(
      [pki.certificate('host'), pki.key('host'), pki.authority, pki.proxyOf('alice')].map((path) =>
        readFile(path, 'utf8'),
      ),
    );
    // Node as a server cannot judge a proxy certificate; DIRAC does, of the same proxy.
    const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false });
    const dispatcher = new Agent({ connect: { cert: proxy, key: proxy, ca, maxCachedSessions: 0 } });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the gate has no port');
    const gate = new DiracGate(server, dispatcher, rig.url, address.port);
    server.on('request', (asked, answer) => {
      gate.pass(asked, answer).catch(() => answer.destroy());
    });
    return gate;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** From now on nothing listens there, and who waits for an answer gets none; until it is opened again. */
  shut(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  open(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.shut();
    await this.dispatcher.destroy();
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString('latin1'));
    const call = { method: form.get('method') ?? '', args: form.get('args') ?? '[]' };
    await this.onPass({ ...call, when: 'asked', bytes: body.length });
    const response = await request(`${this.behind}${asked.url ?? '/'}`, {
      dispatcher: this.dispatcher,
      method: 'POST',
      headers: { 'content-type': asked.headers['content-type'] ?? '' },
      body,
    });
    const content = Buffer.from(await response.body.arrayBuffer());
    await this.onPass({ ...call, when: 'answered', bytes: content.length });
    answer.writeHead(response.statusCode, { 'content-type': String(response.headers['content-type'] ?? '') });
    answer.end(content);
  }
}
