import type { Disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { ClusterSnapshot, GridSnapshot } from '../keeper/api.js';
import type { Fleet } from './fleet.js';
import type { ClusterLink } from './fleetSource.js';

/** What one cluster knows of its grids. */
export interface KnownGrids {
  readonly cluster: string;
  readonly grids: readonly GridSnapshot[];
  /** Why they are not known, or not as they are now. */
  readonly trouble: SitespanError | undefined;
}

interface Asked {
  grids: readonly GridSnapshot[];
  trouble: SitespanError | undefined;
  after: ClusterSnapshot | undefined;
  asking: boolean;
}

/** The grids of all clusters, while somebody looks: asked of each keeper again when its cluster's state has changed. */
export class SiteBoard<Link extends ClusterLink> implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly heard: Disposable;
  private readonly byCluster = new Map<string, Asked>();
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
        : [{ cluster: name, ...pickKnown(asked) }];
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
      if (link === 'connected') this.ask(name, snapshot);
    }
  }

  private ask(name: string, snapshot: ClusterSnapshot | undefined): void {
    const asked = this.byCluster.get(name) ?? { grids: [], trouble: undefined, after: undefined, asking: false };
    this.byCluster.set(name, asked);
    if (asked.asking || (asked.after === snapshot && snapshot !== undefined)) return;
    asked.asking = true;
    asked.after = snapshot;
    this.askedOf(name)
      .then((grids) => {
        asked.grids = grids;
        asked.trouble = undefined;
      })
      .catch((error: unknown) => {
        asked.trouble = SitespanError.is(error) ? error : new SitespanError('failed', String(error));
      })
      .finally(() => {
        asked.asking = false;
        if (this.disposed) return;
        this.changed.fire();
        // What came while it was asked.
        if (this.fleet.cluster(name)?.snapshot !== asked.after) this.askAll();
      });
  }

  private async askedOf(name: string): Promise<readonly GridSnapshot[]> {
    const { calls } = await import('../keeper/api.js');
    return (await this.fleet.peek(name)).call(calls.listSites, {});
  }
}

function pickKnown({ grids, trouble }: Asked): Pick<KnownGrids, 'grids' | 'trouble'> {
  return { grids, trouble };
}
