import { type Disposable, disposable } from '../base/disposable.js';
import { SitespanError } from '../base/errors.js';
import { Emitter, type Event } from '../base/events.js';
import type { ClusterSnapshot, LifeSnapshot, WorkerSnapshot } from '../keeper/api.js';
import type { Fleet } from './fleet.js';
import type { ClusterLink } from './fleetSource.js';
import { FreshAnswer } from './freshAnswer.js';

interface Watched {
  readonly cluster: string;
  viewers: number;
  readonly workers: FreshAnswer<ClusterSnapshot | undefined, readonly WorkerSnapshot[]>;
}

/** So many of those that were lost are shown, with why. */
const lostShown = 10;

/**
 * The workers of those pools that somebody has open, and of no others: a snapshot has only their number. Asked for again
 * when the cluster's state has changed, so at most as often as its keeper tells of it, twice a second.
 */
export class PoolWorkers<Link extends ClusterLink> implements Disposable {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly watched = new Map<string, Watched>();
  private readonly heard: Disposable;

  constructor(
    private readonly fleet: Fleet<Link>,
    onError: (error: unknown) => void,
  ) {
    this.changed = new Emitter(onError);
    this.onDidChange = this.changed.event;
    this.heard = fleet.onDidChange(() => this.askAll());
  }

  /** Keeps a pool's workers known until it is disposed of. */
  open(cluster: string, pool: string): Disposable {
    const key = keyOf(cluster, pool);
    const one = this.watched.get(key) ?? this.unopened(cluster, pool);
    one.viewers++;
    this.watched.set(key, one);
    this.ask(one);
    return disposable(() => {
      one.viewers--;
      if (one.viewers > 0) return;
      this.watched.delete(key);
      this.changed.fire();
    });
  }

  /** Undefined until they have come, or where nobody has the pool open. */
  of(cluster: string, pool: string): readonly WorkerSnapshot[] | undefined {
    return this.watched.get(keyOf(cluster, pool))?.workers.answer;
  }

  /** Resolves when they, or why not, are known, or nobody has the pool open any more. */
  async known(cluster: string, pool: string): Promise<void> {
    const isKnown = (): boolean => {
      const one = this.watched.get(keyOf(cluster, pool));
      return one === undefined || one.workers.answer !== undefined || one.workers.trouble !== undefined;
    };
    if (isKnown()) return;
    await new Promise<void>((resolve) => {
      const heard = this.onDidChange(() => {
        if (!isKnown()) return;
        heard.dispose();
        resolve();
      });
    });
  }

  /** Why the newest are not known. */
  troubleOf(cluster: string, pool: string): SitespanError | undefined {
    return this.watched.get(keyOf(cluster, pool))?.workers.trouble;
  }

  dispose(): void {
    this.heard.dispose();
    this.watched.clear();
    this.changed.dispose();
  }

  private askAll(): void {
    for (const one of this.watched.values()) this.ask(one);
  }

  private unopened(cluster: string, pool: string): Watched {
    const one: Watched = {
      cluster,
      viewers: 0,
      workers: new FreshAnswer(
        () => this.askedOf(cluster, pool),
        () => {
          const isOpen = this.watched.get(keyOf(cluster, pool)) === one;
          if (isOpen) this.changed.fire();
          return isOpen;
        },
      ),
    };
    return one;
  }

  private ask({ cluster, workers }: Watched): void {
    const view = this.fleet.cluster(cluster);
    if (view?.link === 'connected') workers.refresh(view.snapshot);
  }

  private async askedOf(cluster: string, pool: string): Promise<readonly WorkerSnapshot[]> {
    const { calls } = await import('../keeper/api.js');
    const client = await this.fleet.peek(cluster);
    try {
      return await client.call(calls.listWorkers, { pool, lost: lostShown });
    } catch (error) {
      // An older keeper tells whole lives.
      if (!SitespanError.is(error, 'call-unknown')) throw error;
      return glances(await client.call(calls.listLives, { pool }));
    }
  }
}

function glances(lives: readonly LifeSnapshot[]): WorkerSnapshot[] {
  const lost = lives.filter(
    ({ phase, steps }) => phase === 'ended' && steps.every((step) => step.phase !== 'draining'),
  );
  const shown = [...lives.filter(({ phase }) => phase !== 'ended'), ...lost.slice(-lostShown)];
  return shown.map(({ name, site, job, phase, steps }) => {
    const last = steps.at(-1);
    return { name, site, job, phase, since: last?.at ?? 0, evidence: last?.evidence ?? '' };
  });
}

function keyOf(cluster: string, pool: string): string {
  return `${cluster} ${pool}`;
}
