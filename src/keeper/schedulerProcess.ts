import { randomBytes } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import WebSocket from 'ws';
import { z } from 'zod';
import { adoptKept, exitOf, startKept } from '../base/child/kept.js';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import { privateFolder } from '../base/privateFolder.js';
import { unlessAbsent } from '../base/systemError.js';
import { until } from '../base/waiting.js';
import { writeAtomically } from '../base/writeAtomically.js';
import { type EnvironmentDescription, environmentDescription } from '../environment/description.js';
import { enter } from '../environment/enter.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { lastWords } from '../environment/lastWords.js';
import { formatEnvironment } from '../environment/parseEnvironment.js';
import type { Identity } from '../relay/identity.js';
import { environmentOf } from './clusterFolder.js';
import { type SchedulerState, schedulerState } from './schedulerState.js';

const startSeconds = 60;
const retireSeconds = 60;
const logLimitBytes = 20_000_000;
const reconnectMs = 500;

const httpFile = z.object({ port: z.int(), pid: z.int(), environment: environmentDescription });
const retireAnswer = z.object({ retired: z.array(z.string()), unknown: z.array(z.string()) });

export interface SchedulerOptions {
  readonly folder: string;
  readonly python: string;
  /** Before `python`. */
  readonly environment?: EnvironmentSpec | undefined;
  /** Folder of our unpacked Python package. */
  readonly packageFolder: string;
  readonly identity: Identity;
  readonly onListenerError: (error: unknown) => void;
}

/** The cluster's Dask scheduler: a kept process of the user's Python, watched over its HTTP side on 127.0.0.1. */
export class SchedulerProcess implements Disposable {
  private readonly changed: Emitter;
  private token = '';
  private http: z.infer<typeof httpFile> | undefined;
  private latest: SchedulerState | undefined;
  private socket: WebSocket | undefined;
  private again: NodeJS.Timeout | undefined;
  private disposed = false;

  readonly onDidChangeState: Event;

  constructor(private readonly options: SchedulerOptions) {
    this.changed = new Emitter(options.onListenerError);
    this.onDidChangeState = this.changed.event;
  }

  get state(): SchedulerState | undefined {
    return this.latest;
  }

  get environment(): EnvironmentDescription | undefined {
    return this.http?.environment;
  }

  get httpPort(): number | null {
    return this.http?.port ?? null;
  }

  /**
   * Starts it, or adopts the one that runs, and watches its state from then on.
   *
   * @throws SitespanError `scheduler-start-failed` with its last words; `scheduler-ended` when it died while no keeper ran
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { folder } = this.options;
    await privateFolder(folder);
    if ((await adoptKept(folder)) !== undefined) this.token = await readFile(join(folder, 'token'), 'utf8');
    else if (await this.hasServed()) throw await this.endedUnseen();
    else await this.launch();
    await until(
      async () => {
        if ((await exitOf(folder)) !== undefined) throw await this.startFailed();
        const text = await unlessAbsent(readFile(join(folder, 'http.json'), 'utf8'));
        if (text !== undefined) this.http = httpFile.parse(JSON.parse(text));
        return text !== undefined;
      },
      { timeoutMs: startSeconds * 1000, what: "The scheduler's start on this computer", signal },
    );
    this.watch();
  }

  /** How it ended, as a sentence; undefined while it runs, and while it starts: then its start tells. */
  async endedBecause(): Promise<string | undefined> {
    return this.http === undefined ? undefined : this.howItEnded();
  }

  private async howItEnded(): Promise<string | undefined> {
    const exit = await exitOf(this.options.folder);
    if (exit === undefined) return undefined;
    const how = exit.code === undefined ? 'was killed' : `ended with exit code ${exit.code}`;
    return `The scheduler on this computer ${how}; its log is ${join(this.options.folder, 'log')}.`;
  }

  /** Retires workers by name: their data moves to others first. Workers that the scheduler does not know are no error. */
  async retire(workers: readonly string[]): Promise<void> {
    const answer = await this.post('/sitespan/retire', { workers, timeoutSeconds: retireSeconds });
    retireAnswer.parse(answer);
  }

  /** An address for a browser, good for one use within a minute. */
  async browserUrl(): Promise<string> {
    const { code } = z.object({ code: z.string() }).parse(await this.post('/sitespan/code', {}));
    return `http://127.0.0.1:${this.http?.port ?? 0}/sitespan/enter?code=${encodeURIComponent(code)}`;
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.again);
    this.socket?.terminate();
    this.changed.dispose();
  }

  private async launch(): Promise<void> {
    const { folder, packageFolder, identity } = this.options;
    // One that was killed leaves its port behind.
    await rm(join(folder, 'http.json'), { force: true });
    this.token = randomBytes(24).toString('base64url');
    await writeAtomically(join(folder, 'token'), this.token);
    await writeAtomically(join(folder, 'identity.json'), JSON.stringify(identity));
    await startKept({
      folder,
      ...enter(environmentOf(this.options), packageFolder, ['-m', 'sitespan.scheduler', '--folder', folder], {
        folders: [folder],
      }),
      cwd: folder,
      logLimitBytes,
    });
  }

  /** Whether one was ready before: what it knew of tasks and results went with it, so another would be another cluster. */
  private async hasServed(): Promise<boolean> {
    return (await unlessAbsent(stat(join(this.options.folder, 'http.json')))) !== undefined;
  }

  private async endedUnseen(): Promise<SitespanError> {
    const how = await this.howItEnded();
    return new SitespanError('scheduler-ended', how ?? 'The scheduler on this computer has ended.');
  }

  private async startFailed(): Promise<SitespanError> {
    const { folder } = this.options;
    const log = (await unlessAbsent(readFile(join(folder, 'log'), 'utf8'))) ?? '';
    return new SitespanError(
      'scheduler-start-failed',
      `The scheduler did not start with ${formatEnvironment(environmentOf(this.options))} on this computer: ${lastWords(log)}; its log is ${join(folder, 'log')}.`,
    );
  }

  private watch(): void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.http?.port ?? 0}/sitespan/watch`, {
      headers: { authorization: `Bearer ${this.token}` },
      maxPayload: 64 * 1024 * 1024,
    });
    this.socket = socket;
    socket.on('message', (data) => this.take(String(data)));
    // What went wrong shows as its close, and whether the scheduler lives is asked elsewhere.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.disposed) return;
      this.again = setTimeout(() => this.watch(), reconnectMs);
    });
  }

  private take(text: string): void {
    try {
      this.latest = schedulerState.parse(JSON.parse(text));
    } catch (error) {
      this.options.onListenerError(error);
      return;
    }
    this.changed.fire();
  }

  private async post(path: string, body: object): Promise<unknown> {
    const answer = await request(`http://127.0.0.1:${this.http?.port ?? 0}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      headersTimeout: (retireSeconds + 10) * 1000,
    });
    if (answer.statusCode === 200) return answer.body.json();
    throw new SitespanError(
      'scheduler-refused',
      `The scheduler on this computer answered ${path} with ${answer.statusCode}: ${(await answer.body.text()).slice(0, 300)}`,
    );
  }
}
