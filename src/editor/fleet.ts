import { type Disposable, disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import { commands } from '../ids.js';
import type { KeeperClient } from '../keeper/client.js';
import type { ClusterLink, FleetSource, FoundCluster } from './fleetSource.js';
import { type ClusterView, isEnding, type KnownCluster, viewOf } from './knownCluster.js';

/** The folder is looked at so long after something happened in it, in milliseconds. */
const settleMs = 200;
/** While a cluster closes, whether it has gone is asked so often. */
const closingMs = 500;

/**
 * The clusters of this user on this computer, as a window sees them: nothing is asked again and again, each keeper tells of
 * its state by itself, and the state folder is watched for new clusters. Nothing is looked at before `look`.
 */
export class Fleet<Link extends ClusterLink = KeeperClient> implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly known = new Map<string, KnownCluster<Link>>();
  private readonly retained = new Map<string, number>();
  private watcher: Promise<Disposable> | undefined;
  private soon: NodeJS.Timeout | undefined;
  private closing: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private looked = false;
  private lastUsed: string | undefined;
  private inFront: string | undefined;
  private hindrance: SitespanError | undefined;
  private disposed = false;

  constructor(
    private readonly source: FleetSource<Link>,
    private readonly onError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
  }

  /** By name. */
  get clusters(): readonly ClusterView[] {
    return [...this.known.values()].map(viewOf).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Whether the state folder has been looked at: before, no cluster is no news. */
  get hasLooked(): boolean {
    return this.looked;
  }

  /** Why the clusters of this computer cannot be looked for. */
  get trouble(): SitespanError | undefined {
    return this.hindrance;
  }

  /** The cluster that the shown notebook is on, else the one that something was last asked of. */
  get front(): string | undefined {
    return this.inFront ?? this.lastUsed;
  }

  /** The notebook that is shown is on that cluster; undefined for none. */
  show(name: string | undefined): void {
    if (this.inFront === name) return;
    this.inFront = name;
    this.changed.fire();
  }

  cluster(name: string): ClusterView | undefined {
    const known = this.known.get(name);
    return known === undefined ? undefined : viewOf(known);
  }

  /** Looks at the state folder for the first time; from then on its changes are seen by themselves. */
  async look(): Promise<void> {
    if (!this.looked) await this.lookNow();
  }

  /** Looks at it once more, tries again what failed, and puts away what was still shown of the ended. */
  async refresh(): Promise<void> {
    for (const known of [...this.known.values()]) {
      if (known.link === 'failed') this.connect(known).catch(() => undefined);
      if (known.link === 'closed' && !this.retained.has(known.name)) this.known.delete(known.name);
    }
    await this.lookNow();
  }

  /**
   * The keeper of a cluster; started where it is dead.
   *
   * @throws SitespanError `cluster-unknown`; why it cannot be connected to
   */
  async client(name: string): Promise<Link> {
    const client = await this.peek(name);
    this.lastUsed = name;
    return client;
  }

  /** The same for who only looks: the cluster does not come to the `front` for it. */
  async peek(name: string): Promise<Link> {
    if (!this.known.has(name)) await this.lookNow();
    const known = this.known.get(name);
    if (known === undefined || known.link === 'closed') {
      throw new SitespanError(
        'cluster-unknown',
        `There is no cluster ${name} on this computer any more; start it again, or make another.`,
        {
          remedy: {
            command: commands.startAgain,
            label: 'Start Again',
            arguments: [{ kind: 'cluster', cluster: name }],
          },
        },
      );
    }
    return known.client ?? this.connect(known);
  }

  /** A cluster that ends stays in sight as `closed` until this is disposed of: a notebook shows it. */
  retain(name: string): Disposable {
    this.retained.set(name, (this.retained.get(name) ?? 0) + 1);
    return disposable(() => {
      const left = (this.retained.get(name) ?? 1) - 1;
      if (left > 0) {
        this.retained.set(name, left);
        return;
      }
      this.retained.delete(name);
      const known = this.known.get(name);
      if (known?.link !== 'closed' || known.trouble !== undefined) return;
      this.known.delete(name);
      this.changed.fire();
    });
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.soon);
    clearInterval(this.closing);
    this.watcher?.then((watcher) => watcher.dispose()).catch(this.onError);
    for (const { client } of this.known.values()) client?.dispose();
    this.changed.dispose();
  }

  private async lookNow(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  private async lookOnce(): Promise<void> {
    const found = await this.found();
    if (this.disposed) return;
    this.looked = true;
    const folders = new Set(found.map(({ folder }) => folder));
    for (const known of [...this.known.values()]) {
      if (known.link !== 'closed' && !folders.has(known.folder)) this.close(known);
    }
    for (const { name, folder } of found) {
      const there = this.known.get(name);
      if (there !== undefined && there.link !== 'closed') continue;
      const fresh: KnownCluster<Link> = {
        ...{ name, folder, link: 'connecting', client: undefined, connecting: undefined },
        ...{ trouble: undefined, last: undefined },
      };
      this.known.set(name, fresh);
      this.connect(fresh).catch(() => undefined);
    }
    this.changed.fire();
  }

  private async found(): Promise<readonly FoundCluster[]> {
    try {
      // First, so that nothing comes unseen in between.
      this.watcher ??= this.source.watch(() => this.lookSoon());
      await this.watcher;
      const found = await this.source.list();
      this.hindrance = undefined;
      return found;
    } catch (error) {
      this.watcher = undefined;
      this.hindrance = SitespanError.is(error)
        ? error
        : new SitespanError('failed', `The clusters of this computer cannot be looked for: ${String(error)}.`);
      this.changed.fire();
      throw this.hindrance;
    }
  }

  private lookSoon(): void {
    if (this.disposed) return;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => {
      this.lookNow().catch(this.onError);
    }, settleMs);
  }

  private connect(known: KnownCluster<Link>): Promise<Link> {
    known.connecting ??= this.connected(known).finally(() => {
      known.connecting = undefined;
    });
    return known.connecting;
  }

  private async connected(known: KnownCluster<Link>): Promise<Link> {
    try {
      const client = await this.source.connect(known.name);
      if (this.disposed || this.known.get(known.name) !== known) {
        client.dispose();
        throw new SitespanError('cluster-unknown', `The cluster ${known.name} has ended.`);
      }
      known.client = client;
      known.link = 'connected';
      known.trouble = undefined;
      client.onDidChange(() => this.heard(known));
      client.watch();
      return client;
    } catch (error) {
      known.trouble = SitespanError.is(error)
        ? error
        : new SitespanError('failed', `The cluster ${known.name} cannot be looked at: ${String(error)}.`, {
            cause: error,
          });
      known.link = 'failed';
      // It ended while it was being found.
      if (SitespanError.is(error, 'cluster-unknown')) this.known.delete(known.name);
      throw known.trouble;
    } finally {
      this.changed.fire();
    }
  }

  private heard(known: KnownCluster<Link>): void {
    if (isEnding(known)) this.awaitEnds();
    this.changed.fire();
  }

  /** Runs only while a cluster closes or its keeper is away. */
  private awaitEnds(): void {
    if (this.disposed) return;
    this.closing ??= setInterval(() => {
      this.lookForEnds().catch(this.onError);
    }, closingMs);
  }

  private async lookForEnds(): Promise<void> {
    const ending = [...this.known.values()].filter(isEnding);
    if (ending.length === 0) {
      clearInterval(this.closing);
      this.closing = undefined;
    }
    for (const known of ending) {
      if (await known.client?.hasEnded()) this.close(known);
    }
  }

  private close(known: KnownCluster<Link>): void {
    if (this.known.get(known.name) !== known || known.link === 'closed') return;
    known.last = known.client?.snapshot;
    const [problem] = known.last?.phase === 'failed' ? known.last.problems : [];
    known.client?.dispose();
    known.client = undefined;
    known.link = 'closed';
    known.trouble = problem && new SitespanError(problem.code, problem.message);
    if (known.trouble === undefined && !this.retained.has(known.name)) this.known.delete(known.name);
    this.changed.fire();
  }
}
