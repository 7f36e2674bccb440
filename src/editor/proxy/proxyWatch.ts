import type { Disposable } from '../../base/disposable.js';
import { SitespanError } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/events.js';
import type { ProxyFacts } from '../../credentials/proxyFile.js';
import type { GridSpec } from '../../grid/gridSpec.js';
import type { Grids } from '../../owner/grids.js';
import { type ProxyUse, proxiesInUse } from '../../owner/proxy/proxiesInUse.js';
import type { ClusterView } from '../knownCluster.js';
import { conditionOf, endOf, type KnownProxy } from './knownProxy.js';

/** Where what is known of proxies comes from. */
export interface ProxySource {
  /** The grids that a cluster was made with. */
  gridsOf(folder: string): Promise<Readonly<Record<string, GridSpec>>>;
  /** @throws SitespanError `proxy-missing`, `proxy-unreadable` */
  read(path: string): Promise<ProxyFacts>;
  /** Tells when a file may have come, gone or changed. */
  watch(path: string, onChange: () => void): Disposable;
  /** Milliseconds of the epoch. */
  now(): number;
}

interface Clusters {
  readonly clusters: readonly ClusterView[];
  readonly onDidChange: Event;
}

interface Added {
  readonly grids: Grids;
  look(): Promise<void>;
  readonly onDidChange: Event;
}

/** A timer cannot be longer than 24 days, and a computer that slept is late. */
const longestMs = 86_400_000;

/**
 * The proxies that grids of this window are called with: of grids that were added, and of clusters that are there.
 *
 * Their files are watched, and between changes there is one timer, for when what is said of one becomes another: nothing is
 * asked again and again. Where no grid is used, nothing is read, watched or loaded.
 */
export class ProxyWatch implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly heard: readonly Disposable[];
  private readonly watched = new Map<string, Disposable>();
  /** By a cluster's folder and id, since a name that is used again is another cluster. */
  private readonly gridsByCluster = new Map<string, Readonly<Record<string, GridSpec>>>();
  private proxies: readonly KnownProxy[] = [];
  private usersBefore = '[[],[]]';
  private told = '';
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private disposed = false;

  constructor(
    private readonly fleet: Clusters,
    private readonly added: Added,
    private readonly source: ProxySource,
    private readonly onError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
    this.heard = [added, fleet].map((one) => one.onDidChange(() => this.hear()));
  }

  /** The one that ends first comes first. */
  get known(): readonly KnownProxy[] {
    return this.proxies;
  }

  get now(): number {
    return this.source.now();
  }

  ofCluster(name: string): readonly KnownProxy[] {
    return this.proxies.filter(({ use }) => use.clusters.includes(name));
  }

  ofGrid(name: string): readonly KnownProxy[] {
    return this.proxies.filter(({ use }) => use.grids.includes(name));
  }

  /** Reads the files now, as when a shared folder does not tell of changes. */
  look(): Promise<void> {
    this.again = this.looking !== undefined;
    this.looking ??= this.lookWhile().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** Looks at everything now: grids, clusters and files. */
  async refresh(): Promise<void> {
    await this.added.look();
    await this.look();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    for (const one of [...this.heard, ...this.watched.values()]) one.dispose();
    this.watched.clear();
    this.changed.dispose();
  }

  /** Most changes of a cluster are none of who uses which proxy. */
  private hear(): void {
    const users = JSON.stringify([Object.values(this.added.grids), this.open().map(keyOf)]);
    if (users === this.usersBefore) return;
    this.usersBefore = users;
    this.look().catch(this.onError);
  }

  private open(): readonly ClusterView[] {
    return this.fleet.clusters.filter(({ link }) => link !== 'closed');
  }

  private async lookWhile(): Promise<void> {
    do {
      this.again = false;
      await this.lookOnce();
    } while (this.again && !this.disposed);
  }

  private async lookOnce(): Promise<void> {
    const uses = proxiesInUse(this.added.grids, await this.clusterGrids());
    if (this.disposed) return;
    this.watchOnly(uses.map(({ path }) => path));
    const found = await Promise.all(uses.map((use) => this.readOne(use)));
    if (this.disposed) return;
    this.proxies = found.sort((a, b) => endOf(a) - endOf(b));
    this.tellAndWait();
  }

  private async clusterGrids() {
    const clusters = this.open();
    const keys = new Set(clusters.map(keyOf));
    for (const key of [...this.gridsByCluster.keys()]) if (!keys.has(key)) this.gridsByCluster.delete(key);
    return Promise.all(
      clusters.map(async (view) => {
        const grids = this.gridsByCluster.get(keyOf(view)) ?? (await this.readGrids(view));
        return { cluster: view.name, grids };
      }),
    );
  }

  private async readGrids(view: ClusterView): Promise<Readonly<Record<string, GridSpec>>> {
    try {
      const grids = await this.source.gridsOf(view.folder);
      this.gridsByCluster.set(keyOf(view), grids);
      return grids;
    } catch {
      // One whose settings cannot be read says so itself.
      return {};
    }
  }

  private watchOnly(paths: readonly string[]): void {
    for (const [path, watching] of [...this.watched]) {
      if (paths.includes(path)) continue;
      watching.dispose();
      this.watched.delete(path);
    }
    for (const path of paths) {
      if (this.watched.has(path)) continue;
      this.watched.set(
        path,
        this.source.watch(path, () => void this.look().catch(this.onError)),
      );
    }
  }

  private async readOne(use: ProxyUse): Promise<KnownProxy> {
    try {
      return { use, found: await this.source.read(use.path) };
    } catch (error) {
      const found = SitespanError.is(error)
        ? error
        : new SitespanError(
            'proxy-unreadable',
            `The proxy ${use.path} on this computer cannot be read: ${String(error)}.`,
          );
      return { use, found };
    }
  }

  private tellAndWait(): void {
    const now = this.source.now();
    const conditions = this.proxies.map((proxy) => conditionOf(proxy, now));
    clearTimeout(this.timer);
    const next = Math.min(...conditions.map(({ changesAt }) => changesAt ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(next)) {
      const wait = Math.min(Math.max(next - now, 1), longestMs);
      this.timer = setTimeout(() => void this.look().catch(this.onError), wait);
    }
    const telling = JSON.stringify(
      this.proxies.map(({ use, found }, index) => [use, saidBy(found), conditions[index]]),
    );
    if (telling === this.told) return;
    this.told = telling;
    this.changed.fire();
  }
}

function keyOf({ folder, snapshot }: ClusterView): string {
  return `${folder} ${snapshot?.id ?? ''}`;
}

/** An error's message is not among what JSON has of it. */
function saidBy(found: KnownProxy['found']): unknown {
  return found instanceof SitespanError ? found.message : found;
}
