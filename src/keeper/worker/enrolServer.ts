import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Disposable } from '../../base/disposable.js';
import type { Log } from '../../base/log.js';
import type { Role } from '../../relay/credential.js';
import type { Identity } from '../../relay/identity.js';
import { requestBody } from '../requestBody.js';
import { type Enrolment, enrolRequest } from './enrolment.js';

const largestRequestBytes = 100_000;
/** From the stream to the request's last byte: a worker sends all of it at once. */
const patienceMs = 20_000;

/**
 * The keeper's door at the relay: TLS with the cluster's certificate on every stream, one `POST /v1/enrol` in it.
 *
 * Who calls is known from the relay (a joiner by its token); the worker knows us by the pinned CA.
 */
export class EnrolServer implements Disposable {
  private readonly http = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => {
      this.log.error('an enrolment failed', { error });
      response.destroy();
    });
  });
  private readonly tokens = new WeakMap<object, string>();
  private readonly secure;

  constructor(
    identity: Identity,
    private readonly enrolment: Enrolment,
    private readonly log: Log,
  ) {
    this.secure = createSecureContext({ cert: identity.tls.cert, key: identity.tls.key, minVersion: 'TLSv1.2' });
    this.http.requestTimeout = patienceMs;
    this.http.headersTimeout = patienceMs;
    this.http.keepAliveTimeout = 1000;
  }

  /** Takes a stream that the relay has joined to us. @param from the caller's id, `<token>:<n>` */
  serve(socket: Socket, from: string, role: Role): void {
    if (role !== 'joiner') {
      this.log.warning('refused a stream', { from, role, why: 'only workers that join have business with the keeper' });
      socket.destroy();
      return;
    }
    const secured = new TLSSocket(socket, { isServer: true, secureContext: this.secure });
    secured.on('error', (error) => {
      this.log.warning('an enrolling worker was lost', { from, error: error.message });
      socket.destroy();
    });
    secured.setTimeout(patienceMs, () => socket.destroy());
    this.tokens.set(secured, from.slice(0, from.lastIndexOf(':')));
    this.http.emit('connection', secured);
    socket.resume();
  }

  dispose(): void {
    this.http.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || request.url !== '/v1/enrol') {
      say(404, { code: 'bad-request', message: 'Only POST /v1/enrol is answered here.' });
      return;
    }
    const body = await readJson(request);
    const parsed = enrolRequest.safeParse(body);
    if (!parsed.success) {
      say(400, { code: 'bad-request', message: `The enrolment is malformed: ${parsed.error.message}` });
      return;
    }
    const answer = await this.enrolment.enrol(this.tokens.get(request.socket) ?? '', parsed.data);
    const { token, job, host } = parsed.data;
    if (answer.status === 200) this.log.info('enrolled a worker', { worker: answer.body.name, job, host });
    else this.log.warning('refused an enrolment', { code: answer.body.code, job, host, join: token });
    say(answer.status, answer.body);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await requestBody(request, largestRequestBytes);
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}
