import { Agent, buildConnector, request } from 'undici';
import WebSocket from 'ws';
import type { z } from 'zod';
import { adoptKept, exitOf } from '../base/child/kept.js';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import { socketPath } from '../base/runtimePaths.js';
import { until, withDeadline } from '../base/waiting.js';
import { type Call, type ClusterSnapshot, calls, clusterSnapshot, errorAnswer } from './api.js';
import type { ClusterFolder } from './clusterFolder.js';
import { hasEnded } from './clusters.js';
import { startFailed, startKeeper } from './keeperStart.js';
import { otherVersion, withoutDefaults, withoutWaivers } from './otherVersion.js';

const callSeconds = 60;
const startSeconds = 20;
const reconnectMs = 500;
/** A viewer starts a keeper so often, without ever hearing of it, before it leaves that to others. */
const mostStarts = 3;

/**
 * What windows, terminal and Python have of a keeper: its calls, and its state as it changes.
 *
 * Whoever looks at a cluster whose keeper is dead starts it again.
 */
export class KeeperClient implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly agent: Agent;
  private latest: ClusterSnapshot | undefined;
  private viewer: WebSocket | undefined;
  private again: NodeJS.Timeout | undefined;
  private disposed = false;
  private away = false;
  private hindrance: SitespanError | undefined;
  /** Keepers started since one was heard of. */
  private starts = 0;

  private constructor(
    readonly folder: ClusterFolder,
    onListenerError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onListenerError);
    this.onDidChange = this.changed.event;
    // Asked for each connection: the socket moves when a computer removes its runtime folder.
    this.agent = new Agent({
      connect: (options, callback) => {
        socketPath(folder.path).then(
          (path) => buildConnector({ socketPath: path })(options, callback),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
      connections: 8,
    });
  }

  /**
   * Connects to a cluster's keeper, starting it where it does not run.
   *
   * @throws SitespanError `keeper-start-failed` with its last words; the signal's reason
   */
  static async connect(
    folder: ClusterFolder,
    onListenerError: (error: unknown) => void,
    signal?: AbortSignal,
  ): Promise<KeeperClient> {
    const client = new KeeperClient(folder, onListenerError);
    let starts = 0;
    await until(
      async () => {
        if ((await adoptKept(folder.keeper)) !== undefined) return client.answers();
        const exit = await exitOf(folder.keeper);
        // One that was killed while it started is started again; one that ends is not.
        if (starts > 0 && (exit?.code !== undefined || starts > mostStarts)) throw await startFailed(folder);
        starts++;
        await startKeeper(folder);
        return client.answers();
      },
      { timeoutMs: startSeconds * 1000, what: `The keeper's start in ${folder.path}`, signal },
    ).catch(async (error: unknown) => {
      client.dispose();
      // It is started again and again, and each time says why it cannot.
      throw SitespanError.is(error, 'deadline') ? await startFailed(folder) : error;
    });
    return client;
  }

  /** The newest state, once `watch` has brought one; it stays when the keeper ends. */
  get snapshot(): ClusterSnapshot | undefined {
    return this.latest;
  }

  /** Whether the keeper that was followed has gone and none has been heard of since. */
  get isAway(): boolean {
    return this.away;
  }

  /** Why there is no newer state: the keeper could not be brought back, or is not understood. */
  get trouble(): SitespanError | undefined {
    return this.hindrance;
  }

  /** @throws SitespanError the keeper's own; `keeper-unreachable`; `deadline` */
  async call<Request extends z.ZodType, Answer extends z.ZodType>(
    call: Call<Request, Answer>,
    body: z.input<Request>,
    signal?: AbortSignal,
  ): Promise<z.output<Answer>> {
    const parsed = call.answer.safeParse(await this.askAnyVersion(call, body, signal));
    if (parsed.success) return parsed.data;
    throw new SitespanError(
      'keeper-answer',
      `The keeper's answer to ${call.path} is of another version; update this extension.`,
      {
        cause: parsed.error,
      },
    );
  }

  /** Follows the state from now on; `onDidChange` tells of each new snapshot, and when the keeper goes. */
  watch(): void {
    this.follow().catch(() => this.followAgain());
  }

  private async follow(): Promise<void> {
    const path = await socketPath(this.folder.path);
    if (this.disposed) return;
    const viewer = new WebSocket(`ws+unix:${path}:/v1/state`);
    this.viewer = viewer;
    viewer.on('message', (data) => {
      const parsed = clusterSnapshot.safeParse(JSON.parse(String(data)));
      this.starts = 0;
      if (parsed.success) this.latest = parsed.data;
      this.say(false, parsed.success ? undefined : notUnderstood(this.folder, parsed.error));
    });
    viewer.on('error', () => undefined);
    viewer.on('close', () => {
      if (!this.disposed && !this.away) this.say(true, this.hindrance);
      this.followAgain();
    });
  }

  private say(away: boolean, hindrance: SitespanError | undefined): void {
    this.away = away;
    this.hindrance = hindrance;
    this.changed.fire();
  }

  private followAgain(): void {
    if (!this.disposed) this.again = setTimeout(() => this.watchAgain(), reconnectMs);
  }

  /** Whether the cluster has ended: its keeper went by its own will. */
  async hasEnded(): Promise<boolean> {
    const exit = await exitOf(this.folder.keeper);
    // Killed after its last word it has ended all the same; on a full disk nobody could note the exit code.
    return exit !== undefined && (exit.code === 0 || (await hasEnded(this.folder)));
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.again);
    this.viewer?.terminate();
    this.changed.dispose();
    this.agent.destroy().catch(() => undefined);
  }

  private watchAgain(): void {
    this.revive()
      // It is tried again.
      .catch((error: unknown) => this.say(true, SitespanError.is(error) ? error : this.hindrance))
      .finally(() => {
        if (!this.disposed) this.watch();
      });
  }

  /** Starts the keeper where it and its watchdog are dead. */
  private async revive(): Promise<void> {
    if ((await adoptKept(this.folder.keeper)) !== undefined || (await this.hasEnded())) return;
    if (this.starts >= mostStarts) {
      if (this.hindrance === undefined) throw await startFailed(this.folder);
      return;
    }
    // A cluster that was put aside has no keeper to be started.
    await this.folder.readSettings();
    if (this.disposed) return;
    this.starts++;
    await startKeeper(this.folder);
  }

  private async answers(): Promise<boolean> {
    try {
      await this.ask(calls.clusterState.path, {});
      return true;
    } catch (error) {
      if (SitespanError.is(error, 'keeper-unreachable')) return false;
      throw error;
    }
  }

  private async askAnyVersion(call: Call<z.ZodType, z.ZodType>, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const said = withoutDefaults(call.request, body);
    try {
      return await this.ask(call.path, said, signal);
    } catch (error) {
      if (!SitespanError.is(error, 'bad-request') || !call.request.safeParse(body).success) throw error;
      const plain = withoutWaivers(said);
      if (plain === undefined) throw otherVersion(this.folder.path, error);
      return this.ask(call.path, plain, signal);
    }
  }

  private ask(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return withDeadline(
      async (within) => {
        const answer = await request(`http://keeper${path}`, {
          dispatcher: this.agent,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: within,
        }).catch((cause: unknown) => {
          within.throwIfAborted();
          throw new SitespanError(
            'keeper-unreachable',
            `The keeper of ${this.folder.path} does not answer on this computer.`,
            { cause },
          );
        });
        const said = await answer.body.json();
        this.starts = 0;
        if (answer.statusCode === 200) return said;
        const { code, message, remedy } = errorAnswer.parse(said);
        throw new SitespanError(code, message, remedy === undefined ? {} : { remedy });
      },
      { timeoutMs: callSeconds * 1000, what: `The keeper's answer to ${path}`, signal },
    );
  }
}

function notUnderstood({ path }: ClusterFolder, cause: unknown): SitespanError {
  return new SitespanError(
    'keeper-answer',
    `The keeper of ${path} on this computer is of another version than this program, and its state cannot be read; update this one, or use the cluster's own.`,
    { cause },
  );
}
