import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { until } from '../../../../src/base/waiting.js';
import type { GridPki } from '../../credentials/gridPki.js';

const root = join(import.meta.dirname, '..', '..', '..', '..');

interface Stoppable {
  readonly url: string;
  stop(): Promise<void>;
}

export interface JudgingOptions {
  readonly proxies?: boolean;
  /** Seconds that its clock is ahead. */
  readonly clock?: number;
}

/** Servers of one test, on loopback, for all that may answer at a grid's address. */
export class Servers {
  private readonly all: Stoppable[] = [];

  constructor(private readonly pki: GridPki) {}

  /** One that refuses certificates with alerts, as DIRAC does, and says yes to all calls. */
  async judging({ proxies = true, clock = 0 }: JudgingOptions = {}): Promise<string> {
    const script = join(root, 'test', 'rigs', 'dirac', 'judging_server.py');
    const files = ['--cert', this.pki.path('localhost/cert.pem'), '--key', this.pki.path('localhost/key.pem')];
    const rules = [
      '--authorities',
      this.pki.authorities,
      '--clock',
      String(clock),
      ...(proxies ? [] : ['--no-proxies']),
    ];
    const child = spawn(join(root, '.venv', 'bin', 'python'), [script, ...files, ...rules], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stop = () => end(child);
    try {
      const [port] = await once(child.stdout, 'data');
      return this.keep({ url: `https://localhost:${String(port).trim()}`, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** One that knows of RSA's signatures only, and lets nobody in who shows no certificate. */
  async rsaOnly(): Promise<string> {
    const files = ['-cert', this.pki.path('localhost/cert.pem'), '-key', this.pki.path('localhost/key.pem')];
    const rules = ['-CApath', this.pki.authorities, '-Verify', '5', '-verify_return_error', '-allow_proxy_certs'];
    const signatures = ['-client_sigalgs', 'rsa_pss_rsae_sha256:RSA+SHA256'];
    const given = ['s_server', '-accept', '127.0.0.1:0', '-www', ...files, ...rules, ...signatures];
    const child = spawn('openssl', given, { stdio: ['ignore', 'pipe', 'ignore'] });
    const stop = () => end(child);
    try {
      let said = '';
      child.stdout.on('data', (piece) => {
        said += String(piece);
      });
      const port = (): string | undefined => /ACCEPT \S+:(\d+)/.exec(said)?.[1];
      await until(() => port() !== undefined, { timeoutMs: 30_000, what: 'The port of openssl s_server' });
      return this.keep({ url: `https://localhost:${port()}`, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** One that takes every certificate. @param sigalgs the kinds of signatures it takes, all unless told otherwise */
  secure(answer: RequestListener, host = 'localhost', sigalgs?: string): Promise<string> {
    const [cert, key] = [this.pki.read(`${host}/cert.pem`), this.pki.read(`${host}/key.pem`)];
    const rules = { requestCert: true, rejectUnauthorized: false, ...(sigalgs !== undefined && { sigalgs }) };
    return this.listen(createServer({ cert, key, ...rules }, answer));
  }

  /** HTTP without TLS. */
  plain(): Promise<string> {
    return this.listen(createHttpServer((_asked, answer) => answer.end('hello')));
  }

  /** Something that speaks first, and another language. */
  greeting(words: string): Promise<string> {
    return this.listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.write(words);
      }),
    );
  }

  async stop(): Promise<void> {
    for (const one of this.all.splice(0)) await one.stop();
  }

  private async listen(server: Server): Promise<string> {
    const open = new Set<{ destroy(): void }>();
    server.on('connection', (socket) => open.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    const stop = async (): Promise<void> => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    };
    return this.keep({ url: `https://localhost:${address.port}`, stop });
  }

  private keep(one: Stoppable): string {
    this.all.push(one);
    return one.url;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
