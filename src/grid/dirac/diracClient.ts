import { Agent, request } from 'undici';
import { z } from 'zod';
import { SitespanError } from '../../base/errors.js';
import { sleep } from '../../base/waiting.js';
import { AuthorityFolder } from '../../credentials/authorityFolder.js';
import { type ProxyFacts, proxyFacts } from '../../credentials/proxyFile.js';
import type { GridCall } from '../grid.js';
import type { DiracSpec } from '../gridSpec.js';
import { type ClientCredentials, proxyCredentials } from './clientCredentials.js';
import { connectionError, unshownCertificate } from './connectionError.js';
import { answerError, type CallPlace, refusalError, statusError } from './diracError.js';
import type { TlsCredentials } from './tlsRefusal.js';
import { parseWire } from './wireValue.js';

export type DiracService = keyof DiracSpec['services'];

/** A service wherever it is: its whole address, and what it is called in sentences. */
export interface ServicePlace {
  readonly address: string;
  readonly service: string;
}

const answerSchema = z.looseObject({
  OK: z.boolean(),
  Value: z.unknown().optional(),
  Message: z.string().default('no reason given'),
});

/** Where a grid's services are, as whom they are called, and whom we trust there. */
export interface ClientSpec extends Pick<DiracSpec, 'url' | 'services' | 'caDirectory'> {
  /** Of a grid, for what concerns its jobs. */
  readonly setup?: string;
  readonly vo?: string;
  /** A proxy's file, or other credentials. */
  readonly proxy: string | ClientCredentials;
}

export interface ClientOptions {
  readonly now?: () => Date;
  /** For how long DIRAC keeps in mind what a person may, whatever proxy comes next (docs/dirac.md). */
  readonly verdictMs?: number;
}

interface Connection {
  /** Of the credentials that it was made with. */
  readonly stamp: string;
  readonly agent: Agent;
  readonly tls: TlsCredentials;
  readonly facts: ProxyFacts;
  /** Since when the person's group is another than in an earlier connection. */
  readonly groupChangedMs: number | undefined;
}

interface Answered {
  readonly place: CallPlace;
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Of one grid: as many calls as this go at once, the others wait. */
const connections = 4;
const patienceMs = 60_000;
const usualVerdictMs = 61_000;
const largestAnswerBytes = 64 * 1024 * 1024;

/**
 * DIRAC's calls over HTTPS with a proxy certificate: one form a call, `method` and its positional `args` in JSON.
 *
 * A new proxy file is taken up at the next call. Where that is of another group and DIRAC refuses it, it may still have its
 * last verdict in mind: the call waits for its end and is made once more.
 */
export class DiracClient {
  private connection: Connection | undefined;
  private authorityWarnings: readonly string[] = [];
  private readonly credentials: ClientCredentials;
  private readonly now: () => Date;
  private readonly verdictMs: number;

  constructor(
    private readonly spec: ClientSpec,
    { now = () => new Date(), verdictMs = usualVerdictMs }: ClientOptions = {},
  ) {
    this.credentials = typeof spec.proxy === 'string' ? proxyCredentials(spec.proxy) : spec.proxy;
    this.now = now;
    this.verdictMs = verdictMs;
  }

  /** What is not right with the folder of authorities and hinders nothing yet; known once a call was made. */
  get warnings(): readonly string[] {
    return this.authorityWarnings;
  }

  /**
   * @returns the answer's `Value`, checked.
   * @throws SitespanError `grid-refused` for DIRAC's `OK: false`; `grid-unauthorized`, `grid-unreachable` and the other codes of diracError.ts and connectionError.ts; `proxy-…`, `authorities-missing`.
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
    return checked(await this.post(at, { method, args: JSON.stringify(args) }, call), value);
  }

  /** A method's bytes as they are. @throws as `call`. */
  async download(service: DiracService, method: string, args: readonly unknown[], call?: GridCall): Promise<Buffer> {
    const at = { address: this.address(service), service };
    const answered = await this.post(at, { method, args: JSON.stringify(args), rawContent: 'True' }, call);
    // A failure is JSON here too, with status 200.
    if (answered.type.includes('json')) checked(answered, z.never());
    return answered.body;
  }

  async close(): Promise<void> {
    await this.connection?.agent.close();
    this.connection = undefined;
  }

  /** The whole address of one of the grid's services. */
  address(service: DiracService): string {
    return this.spec.services[service] ?? `${this.spec.url.replace(/\/$/, '')}/WorkloadManagement/${service}`;
  }

  private async post(at: ServicePlace, form: Form, call?: GridCall): Promise<Answered> {
    let answered = await this.postOnce(at, form, call);
    const { groupChangedMs } = this.connection ?? {};
    const left = groupChangedMs === undefined ? 0 : groupChangedMs + this.verdictMs - performance.now();
    if (answered.status === 401 && left > 0) {
      await sleep(left, call?.signal);
      answered = await this.postOnce(at, form, call);
    }
    const { status, place } = answered;
    if (status === 401 && this.connection !== undefined) {
      const unshown = await unshownCertificate(place, { address: at.address, tls: this.connection.tls });
      if (unshown !== undefined) throw unshown;
    }
    if (status !== 200) throw statusError(status, place);
    return answered;
  }

  private async postOnce({ address, service }: ServicePlace, form: Form, call?: GridCall): Promise<Answered> {
    const { agent: dispatcher, tls, facts } = await this.connected();
    const { name, renewal } = this.credentials;
    const { host } = new URL(address);
    const place = { service, method: form.method, host, who: name, renewal, group: facts.group };
    const { vo = '', setup = '', caDirectory } = this.spec;
    try {
      const response = await request(address, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...form, clientVO: vo, clientSetup: setup }).toString(),
        ...(call?.signal === undefined ? {} : { signal: call.signal }),
      });
      const type = String(response.headers['content-type'] ?? '');
      return { place, status: response.statusCode, type, body: Buffer.from(await response.body.arrayBuffer()) };
    } catch (error) {
      call?.signal?.throwIfAborted();
      throw await connectionError(error, place, { address, tls, caDirectory, now: this.now(), signal: call?.signal });
    }
  }

  private async connected(): Promise<Connection> {
    const stamp = await this.credentials.stamp();
    const known = this.connection;
    const connection = known?.stamp === stamp ? known : await this.connect(stamp, known);
    const { expires } = connection.facts;
    if (expires > this.now()) return connection;
    const { name, renewal } = this.credentials;
    throw new SitespanError(
      'proxy-expired',
      `${name.charAt(0).toUpperCase()}${name.slice(1)} on this computer expired at ${expires.toISOString()}; ${renewal}.`,
    );
  }

  private async connect(stamp: string, known: Connection | undefined): Promise<Connection> {
    const { key, chain } = await this.credentials.read();
    const authorities = await AuthorityFolder.read(this.spec.caDirectory, this.now());
    this.authorityWarnings = authorities.warnings;
    const tls = {
      cert: chain.map(({ pem }) => pem).join(''),
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ca: [...authorities.pem],
    };
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
    const facts = proxyFacts(this.credentials.name, chain);
    const isOther = known?.facts.identity === facts.identity && known.facts.group !== facts.group;
    const groupChangedMs = isOther ? performance.now() : known?.groupChangedMs;
    this.connection = { stamp, agent, tls, facts, groupChangedMs };
    known?.agent.close().catch(() => undefined);
    return this.connection;
  }
}

interface Form extends Readonly<Record<string, string>> {
  readonly method: string;
  readonly args: string;
}

function checked<Value extends z.ZodType>({ body, type, place }: Answered, value: Value): z.infer<Value> {
  try {
    const answer = answerSchema.parse(parseWire(body.toString('utf8')));
    if (!answer.OK) throw refusalError(answer.Message, place);
    return value.parse(answer.Value);
  } catch (cause) {
    if (SitespanError.is(cause)) throw cause;
    throw answerError(type, place, cause);
  }
}
