import { Agent, request } from 'undici';
import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { isSystemError } from '../../base/systemError.js';
import type { GridCall } from '../grid.js';
import type { DiracSpec } from '../gridSpec.js';
import { proxyStamp, readAuthorities, readProxy } from './credentials.js';
import { type CallPlace, connectionError, refusalError, statusError } from './diracError.js';
import { type TlsCredentials, tlsRefusal } from './tlsRefusal.js';
import { parseWire } from './wireValue.js';

export type DiracService = keyof DiracSpec['services'];

/** A service wherever it is: its whole address, and what it is called in sentences. */
export interface ServicePlace {
  readonly address: string;
  readonly service: string;
}

const answerSchema = z.looseObject({
  OK: z.boolean(),
  Value: z.unknown(),
  Message: z.string().default('no reason given'),
});

interface Connection {
  /** Of the proxy file that it was made with. */
  readonly stamp: string;
  readonly agent: Agent;
  readonly tls: TlsCredentials;
}

/** Of one grid: as many calls as this go at once, the others wait. */
const connections = 4;
const patienceMs = 60_000;
const largestAnswerBytes = 64 * 1024 * 1024;

/**
 * DIRAC's calls over HTTPS with a proxy certificate: one form a call, `method` and its positional `args` in JSON.
 *
 * A new proxy file is taken up at the next call.
 */
export class DiracClient {
  private connection: Connection | undefined;

  constructor(private readonly spec: Omit<DiracSpec, 'sites' | 'pollSeconds'>) {}

  /**
   * @returns the answer's `Value`, checked.
   * @throws SitespanError `grid-refused` for DIRAC's `OK: false`; `grid-unauthorized`, `grid-unreachable` and the other codes of diracError.ts; `proxy-…`, `grid-answer-unknown`.
   */
  async call<Value extends z.ZodType>(
    service: DiracService,
    method: string,
    args: readonly unknown[],
    value: Value,
    call?: GridCall,
  ): Promise<z.infer<Value>> {
    return this.callAt({ address: this.address(service), service }, method, args, value, call);
  }

  /** The same of a service that is not among the grid's own. @throws as `call` */
  async callAt<Value extends z.ZodType>(
    at: ServicePlace,
    method: string,
    args: readonly unknown[],
    value: Value,
    call?: GridCall,
  ): Promise<z.infer<Value>> {
    const place = this.place(at, method);
    const { body } = await this.post(at, place, args, {}, call);
    return this.checked(body, value, place);
  }

  /** A method's bytes as they are. @throws as `call`. */
  async download(service: DiracService, method: string, args: readonly unknown[], call?: GridCall): Promise<Buffer> {
    const at = { address: this.address(service), service };
    const place = this.place(at, method);
    const { body, type } = await this.post(at, place, args, { rawContent: 'True' }, call);
    // A failure is JSON here too, with status 200.
    if (type.includes('json')) this.checked(body, z.never(), place);
    return body;
  }

  async close(): Promise<void> {
    await this.connection?.agent.close();
    this.connection = undefined;
  }

  /** The whole address of one of the grid's services. */
  address(service: DiracService): string {
    return this.spec.services[service] ?? `${this.spec.url.replace(/\/$/, '')}/WorkloadManagement/${service}`;
  }

  private place({ address, service }: ServicePlace, method: string): CallPlace {
    const { proxy, group } = this.spec;
    return { service, method, host: new URL(address).host, proxy, group };
  }

  private async post(
    { address }: ServicePlace,
    place: CallPlace,
    args: readonly unknown[],
    more: Readonly<Record<string, string>>,
    call?: GridCall,
  ): Promise<{ readonly body: Buffer; readonly type: string }> {
    const { agent: dispatcher, tls } = await this.connected();
    const { vo, setup } = this.spec;
    const form = { method: place.method, args: JSON.stringify(args), clientVO: vo, clientSetup: setup, ...more };
    let status: number;
    let type: string;
    let body: Buffer;
    try {
      const response = await request(address, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        ...(call?.signal === undefined ? {} : { signal: call.signal }),
      });
      status = response.statusCode;
      type = String(response.headers['content-type'] ?? '');
      body = Buffer.from(await response.body.arrayBuffer());
    } catch (error) {
      call?.signal?.throwIfAborted();
      const refusal = isSystemError(error, 'UND_ERR_SOCKET') ? await tlsRefusal(address, tls) : undefined;
      throw connectionError(refusal ?? error, place);
    }
    if (status !== 200) throw statusError(status, place);
    return { body, type };
  }

  private checked<Value extends z.ZodType>(body: Buffer, value: Value, place: CallPlace): z.infer<Value> {
    try {
      const answer = answerSchema.parse(parseWire(body.toString('utf8')));
      if (!answer.OK) throw refusalError(answer.Message, place);
      return value.parse(answer.Value);
    } catch (cause) {
      if (SitespanError.is(cause)) throw cause;
      throw new SitespanError(
        'grid-answer-unknown',
        `DIRAC at ${place.host} answered ${place.service}.${place.method} in a way that is not understood.`,
        { cause },
      );
    }
  }

  private async connected(): Promise<Connection> {
    const { proxy, group, caDirectory } = this.spec;
    const stamp = await proxyStamp(proxy, group);
    const known = this.connection;
    if (known?.stamp === stamp) return known;
    const [credentials, ca] = [await readProxy(proxy, group), await readAuthorities(caDirectory)];
    // The same file serves as certificate and key.
    const tls = { cert: credentials.pem, key: credentials.pem, ca: [...ca] };
    const agent = new Agent({
      connections,
      pipelining: 1,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      maxResponseSize: largestAnswerBytes,
      connect: {
        timeout: patienceMs / 2,
        // A resumed session would carry the leaf without its chain, so none is kept.
        ...{ ...tls, maxCachedSessions: 0 },
      },
    });
    this.connection = { stamp: credentials.stamp, agent, tls };
    known?.agent.close().catch(() => undefined);
    return this.connection;
  }
}
