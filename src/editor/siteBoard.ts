import type { Disposable } from '../base/disposable.js';
import type { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { ClusterSnapshot, GridSnapshot } from '../keeper/api.js';
import type { Fleet } from './fleet.js';
import type { ClusterLink } from './fleetSource.js';
import { FreshAnswer } from './freshAnswer.js';

/** What one cluster knows of its grids. */
export interface KnownGrids {
  readonly cluster: string;
  readonly grids: readonly GridSnapshot[];
  /** Why they are not known, or not as they are now. */
  readonly trouble: SitespanError | undefined;
}

type Grids = FreshAnswer<ClusterSnapshot | undefined, readonly GridSnapshot[]>;

/** The grids of all clusters, while somebody looks: asked of each keeper again when its cluster's state has changed. */
export class SiteBoard<Link extends ClusterLink> implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly heard: Disposable;
  private readonly byCluster = new Map<string, Grids>();
  private looking = false;
  private disposed = false;

  constructor(
    private readonly fleet: Fleet<Link>,
    onError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
    this.heard = fleet.onDidChange(() => this.askAll());
  }

  /** Of clusters that run, by name. */
  get known(): KnownGrids[] {
    return this.fleet.clusters.flatMap(({ name, link }) => {
      const asked = this.byCluster.get(name);
      return asked === undefined || link === 'closed' || link === 'failed'
        ? []
        : [{ cluster: name, grids: asked.answer ?? [], trouble: asked.trouble }];
    });
  }

  look(): void {
    this.looking = true;
    this.askAll();
  }

  lookAway(): void {
    this.looking = false;
  }

  dispose(): void {
    this.disposed = true;
    this.heard.dispose();
    this.changed.dispose();
  }

  private askAll(): void {
    if (!this.looking) return;
    for (const { name, link, snapshot } of this.fleet.clusters) {
      if (link === 'connected') this.gridsOf(name).refresh(snapshot);
    }
  }

  private gridsOf(name: string): Grids {
    const known = this.byCluster.get(name);
    if (known !== undefined) return known;
    const grids: Grids = new FreshAnswer(
      () => this.askedOf(name),
      () => {
        if (!this.disposed) this.changed.fire();
        return this.looking && !this.disposed;
      },
    );
    this.byCluster.set(name, grids);
    return grids;
  }

  private async askedOf(name: string): Promise<readonly GridSnapshot[]> {
    const { calls } = await import('../keeper/api.js');
    return (await this.fleet.peek(name)).call(calls.listSites, {});
  }
}
