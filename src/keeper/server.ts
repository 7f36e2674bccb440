import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, createServer, type Server as Listener, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import type { Event } from '../base/events.js';
import type { Log } from '../base/log.js';
import { storageTrouble } from '../base/storageTrouble.js';
import { unlessAbsent } from '../base/systemError.js';
import type { Call, ClusterSnapshot } from './api.js';
import { requestBody } from './requestBody.js';

/** A call, joined with what does it. */
export interface Route {
  readonly path: string;
  /** @throws SitespanError `bad-request` where the request does not fit the call's schema */
  readonly handle: (body: unknown) => Promise<unknown>;
}

/** What is behind the API: a function a call, and the state that is streamed. */
export interface Served {
  readonly routes: readonly Route[];
  readonly snapshot: () => ClusterSnapshot;
  readonly onDidChange: Event;
}

/** Where callers come in; it may have to move, and those inside stay. */
interface Door {
  readonly path: string;
  readonly server: Listener;
}

export function route<Request extends z.ZodType, Answer extends z.ZodType>(
  call: Call<Request, Answer>,
  handler: (request: z.output<Request>) => Promise<z.output<Answer>>,
): Route {
  const handle = (body: unknown): Promise<unknown> => {
    const parsed = call.request.safeParse(body);
    if (parsed.success) return handler(parsed.data);
    const why = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
    throw new SitespanError('bad-request', `${call.path} was asked wrongly: ${why}`);
  };
  return { path: call.path, handle };
}

const largestRequestBytes = 4_000_000;
/** Snapshots are sent at most so often. */
const leastBetweenMs = 500;
/** A viewer that does not read what it is sent is dropped; it will connect again and get a whole snapshot. */
const mostUnreadBytes = 16_000_000;

/**
 * The keeper's API on a unix socket that only its owner can open (src/keeper/api.ts): JSON calls, and whole snapshots of
 * the state on change.
 */
export class KeeperServer implements Disposable {
  private readonly http: Server;
  private readonly viewers = new WebSocketServer({ noServer: true, maxPayload: 1000 });
  private readonly held = new DisposableStore();
  /** The HTTP side does not listen itself, so it does not know them. */
  private readonly callers = new Set<Socket>();
  private door: Door | undefined;
  private pending: NodeJS.Timeout | undefined;
  private sentAt = 0;

  constructor(
    private readonly served: Served,
    private readonly log: Log,
  ) {
    this.http = createHttpServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        log.error('an answer could not be sent', { path: request.url, error });
        response.destroy();
      });
    });
    this.http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (request.url !== '/v1/state') {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        return;
      }
      this.viewers.handleUpgrade(request, socket, head, (viewer) => this.welcome(viewer));
    });
    this.held.add(served.onDidChange(() => this.sendSoon()));
  }

  /** @throws SitespanError `keeper-running` when another keeper answers there, `socket-refused` */
  async listen(path: string): Promise<void> {
    if (await answers(path)) {
      throw new SitespanError('keeper-running', `Another keeper of this cluster runs on this computer (${path}).`);
    }
    // The one before first: it removes its path, which may be the same.
    this.door?.server.close();
    this.door = undefined;
    await rm(path, { force: true });
    const server = createServer((socket) => this.letIn(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    }).catch((cause: unknown) => {
      throw new SitespanError(
        'socket-refused',
        `No socket can be made at ${path} on this computer (${cause instanceof Error ? cause.message : String(cause)}); set XDG_RUNTIME_DIR to a folder on a local disk.`,
        { cause },
      );
    });
    server.on('error', (error) => this.log.error('a connection could not be taken', { error }));
    await chmod(path, 0o600);
    this.door = { path, server };
  }

  /** Whether callers find it there: a computer may remove its runtime folder while we live. */
  async listensAt(path: string): Promise<boolean> {
    return this.door?.path === path && (await unlessAbsent(lstat(path))) !== undefined;
  }

  dispose(): void {
    clearTimeout(this.pending);
    this.held.dispose();
    for (const viewer of this.viewers.clients) viewer.terminate();
    this.door?.server.close();
    for (const caller of this.callers) caller.destroy();
  }

  /** The newest state to all viewers now, as before an end. */
  sendNow(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    this.sentAt = Date.now();
    if (this.viewers.clients.size === 0) return;
    const text = JSON.stringify(this.served.snapshot());
    for (const viewer of this.viewers.clients) {
      if (viewer.bufferedAmount > mostUnreadBytes) viewer.terminate();
      else viewer.send(text);
    }
  }

  private letIn(caller: Socket): void {
    this.callers.add(caller);
    caller.once('close', () => this.callers.delete(caller));
    this.http.emit('connection', caller);
  }

  private sendSoon(): void {
    this.pending ??= setTimeout(() => this.sendNow(), Math.max(0, this.sentAt + leastBetweenMs - Date.now()));
  }

  private welcome(viewer: WebSocket): void {
    viewer.on('error', (error) => this.log.debug('a viewer was lost', { error }));
    viewer.send(JSON.stringify(this.served.snapshot()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const route = this.served.routes.find(({ path }) => path === request.url);
      if (request.method !== 'POST' || route === undefined) {
        throw new SitespanError(
          'call-unknown',
          `This keeper does not know ${request.method ?? ''} ${request.url ?? ''}; it is older than what calls it. Close the cluster and make it again to get the newer one.`,
        );
      }
      const body = parseJson(await readBody(request));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(await route.handle(body)));
    } catch (error) {
      this.refuse(response, error);
    }
  }

  private refuse(response: ServerResponse, failure: unknown): void {
    const error = storageTrouble(failure, 'The keeper could not do it') ?? failure;
    const known = SitespanError.is(error);
    if (!known) this.log.error('a call failed', { error });
    response.statusCode = known ? (error.code === 'call-unknown' ? 404 : 400) : 500;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(
        known
          ? { code: error.code, message: error.message, remedy: error.details.remedy }
          : {
              code: 'internal',
              message: `The keeper on this computer failed: ${error instanceof Error ? error.message : String(error)}`,
            },
      ),
    );
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const body = await requestBody(request, largestRequestBytes);
  if (body === undefined) throw new SitespanError('bad-request', 'The request is too large.');
  return body;
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new SitespanError('bad-request', 'The request is not JSON.');
  }
}

/** Whether somebody listens on a socket's path; a path left behind by the dead does not. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
