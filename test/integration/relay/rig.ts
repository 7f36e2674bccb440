import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { until } from '../../../src/base/waiting.js';
import { secureContextOf } from '../../../src/relay/certificateFiles.js';
import { clusterSecret, cookieOf, issueCredential, type Role } from '../../../src/relay/credential.js';
import type { Dialler } from '../../../src/relay/dial.js';
import type { Limits } from '../../../src/relay/limits.js';
import { buildPrelude } from '../../../src/relay/prelude.js';
import { Relay } from '../../../src/relay/relay.js';
import type { RelayEvent } from '../../../src/relay/relayLog.js';

export const tenant = 'me';
export const cluster = 'ttbar-1a2b3c';
export const userKey = randomBytes(32).toString('hex');
export const serverName = 'sitespan-relay';

/** A folder with a certificate for `sitespan-relay` that signs itself, made by the openssl command. */
export interface Certificate {
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

export function makeCertificate(name = serverName): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'sitespan-relay-'));
  const [certFile, keyFile] = [join(folder, 'relay.pem'), join(folder, 'relay.key')];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-days', '2', ...subject, ...files], {
    stdio: 'ignore',
  });
  return {
    folder,
    certFile,
    keyFile,
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface Where {
  readonly host: string;
  readonly port: number;
}

/** Who dials, with a real credential of the test's cluster unless told otherwise. */
export function dialler(
  where: Where,
  certificate: Certificate,
  role: Role,
  subject: string,
  claims: {
    readonly expires?: number;
    readonly tenant?: string;
    readonly cluster?: string;
    readonly userKey?: string;
  } = {},
): Dialler {
  const of = { tenant, cluster, expires: 0, userKey, ...claims };
  const secret = clusterSecret(of.userKey, of.cluster);
  const { userKey: _key, ...named } = of;
  return {
    relay: { host: where.host, port: where.port, serverName, ca: certificate.cert },
    credential: issueCredential(secret, { ...named, role, subject }),
  };
}

export function cookie(id: string): string {
  return cookieOf(clusterSecret(userKey, cluster), id);
}

/** A relay in this process, whose limits a test can make small. */
export class RelayHere {
  readonly events: RelayEvent[] = [];
  private constructor(
    private readonly certificate: Certificate,
    private relay: Relay | undefined,
  ) {}

  static async start(certificate: Certificate, limits: Partial<Limits> = {}, port = 0): Promise<RelayHere> {
    const here = new RelayHere(certificate, undefined);
    const context = secureContextOf(certificate.cert, certificate.key);
    here.relay = await Relay.listen('127.0.0.1', port, {
      certificate: { secureContext: async () => context },
      tenants: {
        userKey: async (name) => {
          if (name === 'makes-it-throw') throw new Error('The tenants cannot be asked.');
          return name === tenant ? userKey : undefined;
        },
      },
      limits,
      log: (event) => here.events.push(event),
    });
    return here;
  }

  get port(): number {
    if (this.relay === undefined) throw new Error('The relay is not started.');
    return this.relay.port;
  }

  get host(): string {
    return '127.0.0.1';
  }

  dialler(role: Role, subject: string, claims: Parameters<typeof dialler>[4] = {}): Dialler {
    return dialler(this, this.certificate, role, subject, claims);
  }

  /** Waits for an event whose fields are these. */
  async logged(fields: Partial<RelayEvent>): Promise<RelayEvent> {
    const find = () =>
      this.events.find((event) => Object.entries(fields).every(([key, value]) => event[key] === value));
    await until(() => find() !== undefined, {
      timeoutMs: 5000,
      everyMs: 5,
      what: `${JSON.stringify(fields)} in the log`,
    });
    const found = find();
    if (found === undefined) throw new Error('It was logged and is not any more.');
    return found;
  }

  async close(): Promise<void> {
    await this.relay?.close();
  }
}

/** TLS to the relay, as anybody can make it. */
export async function tlsTo(where: Where, certificate: Certificate): Promise<TLSSocket> {
  const engine = connectTls({ host: where.host, port: where.port, servername: serverName, ca: certificate.cert });
  engine.on('error', () => engine.destroy());
  await new Promise<void>((resolve, reject) => {
    engine.once('secureConnect', resolve);
    engine.once('close', () => reject(new Error('closed')));
  });
  return engine;
}

/** All that comes until the end. */
export async function readAll(stream: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.resume();
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  return Buffer.concat(chunks).toString('latin1');
}

/** What the relay answers to a head, whatever it is. */
export async function ask(where: Where, certificate: Certificate, head: string): Promise<string> {
  const engine = await tlsTo(where, certificate);
  engine.write(head, 'latin1');
  return await readAll(engine);
}

export async function askPlain(where: Where, text: string): Promise<string> {
  const socket = connectTcp(where.port, where.host);
  socket.on('error', () => socket.destroy());
  socket.write(text, 'latin1');
  return await readAll(socket);
}

export function preludeOf(who: Dialler, target: string, secret?: string, ms = Date.now()): string {
  return buildPrelude(who.credential, target, secret, ms);
}
