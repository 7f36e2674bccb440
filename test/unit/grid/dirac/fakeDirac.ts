import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { deflateSync } from 'node:zlib';
import { makeProxy, proxyPem } from '../../../../src/credentials/proxy.js';
import { openPair } from '../../../../src/credentials/userCredential.js';
import { GridPki } from '../../credentials/gridPki.js';

/** What a method answers: its `Value`, or an HTTP status. */
export type Answer = (...args: unknown[]) => unknown;

/** An HTTP status instead of an answer. */
export class Status {
  constructor(readonly code: number) {}
}

/**
 * DIRAC's services as far as a test needs them: answers over HTTPS by path and method, in the real one's forms (404 no service,
 * 501 no method). It asks nobody who they are.
 */
export class FakeDirac {
  /** By path below the origin, then by method. */
  readonly services: Record<string, Record<string, Answer>> = {};
  /** `path method` of all calls so far. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly pki: GridPki,
    readonly url: string,
  ) {}

  /** Ready to be asked by ada, whose proxy has the group `gridpp_user`. */
  static async start(): Promise<FakeDirac> {
    const pki = new GridPki();
    pki.host('server', 'DNS:localhost,IP:127.0.0.1');
    // Elliptic curves, which are made in no time.
    pki.user('ada', { curve: 'P-256' });
    const file = (path: string) => ({ path, content: pki.read(path) });
    const credential = openPair(file('ada/cert.pem'), file('ada/key.pem'));
    const proxy = proxyPem(await makeProxy(credential, { seconds: 3600, group: 'gridpp_user' }));
    writeFileSync(pki.path('proxy.pem'), proxy, { mode: 0o600 });
    const plain = Buffer.concat([pki.read('ada/cert.pem'), pki.read('ada/key.pem')]);
    writeFileSync(pki.path('plain.pem'), plain, { mode: 0o600 });
    const [cert, key] = ['server/cert.pem', 'server/key.pem'].map((path) => readFileSync(pki.path(path)));
    const server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the fake has no port');
    const fake = new FakeDirac(server, pki, `https://localhost:${address.port}`);
    server.on('request', (asked, answer) => {
      fake.answer(asked, answer).catch(() => answer.destroy());
    });
    return fake;
  }

  get proxy(): string {
    return this.pki.path('proxy.pem');
  }

  /** Whose certificate names no group. */
  get plainProxy(): string {
    return this.pki.path('plain.pem');
  }

  /** Forgets all services, and has those that are given. */
  has(services: Record<string, Record<string, Answer>>): void {
    for (const path of Object.keys(this.services)) delete this.services[path];
    Object.assign(this.services, services);
    this.asked.length = 0;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.pki.remove();
  }

  private async answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const [path, method] = [(asked.url ?? '').slice(1), form.get('method') ?? ''];
    this.asked.push(`${path} ${method}`);
    const service = this.services[path];
    const value = service === undefined ? new Status(404) : (service[method]?.(...arrayIn(form)) ?? new Status(501));
    if (value instanceof Status) {
      answer.writeHead(value.code, { 'content-type': 'text/html' }).end('<html></html>');
      return;
    }
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ OK: true, Value: value }));
  }
}

/** A configuration's text as its server sends it. */
export function packed(text: string): string {
  return deflateSync(Buffer.from(text)).toString('base64');
}

function arrayIn(form: URLSearchParams): unknown[] {
  const args: unknown = JSON.parse(form.get('args') ?? '[]');
  return Array.isArray(args) ? args : [];
}
