import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { ClusterSnapshot } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';

/** One cluster as this window knows it. */
export interface ClusterView {
  readonly name: string;
  readonly folder: string;
  /** `closed`: it ended while this window knew it. */
  readonly link: 'connecting' | 'connected' | 'failed' | 'closed';
  /** The newest; it stays when the keeper is gone. */
  readonly snapshot: ClusterSnapshot | undefined;
  /** Why its keeper cannot be reached. */
  readonly trouble: SitespanError | undefined;
}

interface Known {
  readonly name: string;
  readonly folder: string;
  link: ClusterView['link'];
  client: KeeperClient | undefined;
  connecting: Promise<KeeperClient> | undefined;
  trouble: SitespanError | undefined;
}

/** A folder is looked at again so long after something happened in it, in milliseconds. */
const settleMs = 200;
/** While a cluster closes, whether it has gone is asked so often. */
const closingMs = 500;

/**
 * The clusters of this user on this computer, as a window sees them: nothing is asked again and again, each keeper tells of
 * its state by itself, and the state folder is watched for new clusters.
 *
 * What speaks to keepers is loaded when there is a first cluster: a window of somebody who has none stays small.
 */
export class Fleet implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly known = new Map<string, Known>();
  private watcher: FSWatcher | undefined;
  private soon: NodeJS.Timeout | undefined;
  private closing: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private disposed = false;

  constructor(private readonly onError: (error: unknown) => void) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
  }

  /** By name. */
  get clusters(): readonly ClusterView[] {
    return [...this.known.values()]
      .map(({ name, folder, link, client, trouble }) => ({ name, folder, link, snapshot: client?.snapshot, trouble }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  cluster(name: string): ClusterView | undefined {
    return this.clusters.find((cluster) => cluster.name === name);
  }

  /** Looks at the state folder now, and connects to what it finds. */
  async refresh(): Promise<void> {
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  /**
   * The keeper of a cluster; started where it is dead.
   *
   * @throws SitespanError `cluster-unknown`, `keeper-start-failed`
   */
  async client(name: string): Promise<KeeperClient> {
    if (!this.known.has(name)) await this.refresh();
    const known = this.known.get(name);
    if (known === undefined || known.link === 'closed') {
      throw new SitespanError(
        'cluster-unknown',
        `There is no cluster ${name} on this computer any more; make it again with "New Cluster".`,
      );
    }
    return known.client ?? this.connect(known);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.soon);
    clearInterval(this.closing);
    this.watcher?.close();
    for (const { client } of this.known.values()) client?.dispose();
    this.changed.dispose();
  }

  private async look(): Promise<void> {
    const { listClusters } = await import('../keeper/clusters.js');
    const { stateFolder } = await import('../base/runtimePaths.js');
    this.watchFolder(await stateFolder());
    const found = new Map((await listClusters()).map((folder) => [folder.path, folder]));
    if (this.disposed) return;
    for (const known of [...this.known.values()]) {
      if (!found.has(known.folder)) this.forget(known);
    }
    for (const path of found.keys()) {
      const name = basename(path);
      const there = this.known.get(name);
      if (there !== undefined && there.link !== 'closed' && there.folder === path) continue;
      const fresh: Known = {
        name,
        folder: path,
        link: 'connecting',
        client: undefined,
        connecting: undefined,
        trouble: undefined,
      };
      this.known.set(name, fresh);
      this.connect(fresh).catch(() => undefined);
    }
    this.changed.fire();
  }

  private connect(known: Known): Promise<KeeperClient> {
    known.connecting ??= this.connected(known).finally(() => {
      known.connecting = undefined;
    });
    return known.connecting;
  }

  private async connected(known: Known): Promise<KeeperClient> {
    try {
      const { KeeperClient } = await import('../keeper/client.js');
      const { findCluster } = await import('../keeper/clusters.js');
      const client = await KeeperClient.connect(await findCluster(known.name), this.onError);
      if (this.disposed) client.dispose();
      known.client = client;
      known.link = 'connected';
      known.trouble = undefined;
      client.onDidChange(() => this.heard(known));
      client.watch();
      return client;
    } catch (error) {
      known.link = SitespanError.is(error, 'cluster-unknown') ? 'closed' : 'failed';
      known.trouble = SitespanError.is(error)
        ? error
        : new SitespanError('failed', `The cluster ${known.name} cannot be looked at: ${String(error)}.`, {
            cause: error,
          });
      throw known.trouble;
    } finally {
      this.changed.fire();
    }
  }

  private heard(known: Known): void {
    const phase = known.client?.snapshot?.phase;
    if (phase === 'closing' || phase === 'failed') this.awaitEnds();
    this.changed.fire();
  }

  /** Runs only while a cluster closes. */
  private awaitEnds(): void {
    this.closing ??= setInterval(() => {
      this.lookForEnds().catch(this.onError);
    }, closingMs);
  }

  private async lookForEnds(): Promise<void> {
    const ending = [...this.known.values()].filter(({ client, link }) => {
      const phase = client?.snapshot?.phase;
      return link === 'connected' && (phase === 'closing' || phase === 'failed');
    });
    for (const known of ending) {
      if (await known.client?.hasEnded()) this.forget(known);
    }
    if (ending.length === 0) {
      clearInterval(this.closing);
      this.closing = undefined;
    }
  }

  private forget(known: Known): void {
    known.client?.dispose();
    known.link = 'closed';
    this.known.delete(known.name);
    this.changed.fire();
  }

  private watchFolder(folder: string): void {
    if (this.watcher !== undefined || this.disposed) return;
    this.watcher = watch(folder, () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => {
        this.refresh().catch(this.onError);
      }, settleMs);
    });
    this.watcher.on('error', this.onError);
  }
}
