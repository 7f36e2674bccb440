import { randomInt } from 'node:crypto';
import type { Disposable } from '../base/disposable.js';
import type { Control } from './control.js';
import { formatId, type Id } from './names.js';
import type { OuterTls } from './outerTls.js';
import type { Caller } from './permissions.js';
import { Refusal } from './refusal.js';

/** Somebody who waits for a target to dial back. */
export interface Waiting {
  readonly caller: Caller;
  /** The id that the caller goes by. */
  readonly from: string;
  readonly outer: OuterTls;
  readonly target: Target;
  /** Who may redeem its ticket. */
  readonly owner: string;
  /** Sees the caller go. */
  readonly watch: Disposable;
  /** Absent while the target has no control connection. */
  ticket?: string;
}

/** Two connections that are, or are about to be, joined. */
export interface Stream {
  readonly target: Target;
  readonly subjects: readonly string[];
  cut(): void;
}

/** One id: a listener that is here, was here a moment ago, or is waited for after the relay's restart. */
export interface Target {
  readonly cluster: Cluster;
  readonly id: Id;
  /** False for an id that nobody has registered yet: it is anybody's who may have it. */
  claimed: boolean;
  control: Control | undefined;
  /** Runs while there is no control connection. */
  grace: NodeJS.Timeout | undefined;
  readonly waiting: Set<Waiting>;
  readonly streams: Set<Stream>;
}

/** What the relay knows of one cluster of one tenant, in memory alone. */
export interface Cluster {
  readonly key: string;
  readonly targets: Map<string, Target>;
  readonly streams: Set<Stream>;
  revoked: ReadonlySet<string>;
}

/** Numbers under 1024 are well-known ones, as `keeper:1`. */
const firstFreeNumber = 1024;

/** The registry of clusters and their listeners. What is empty is forgotten. */
export class Clusters {
  private readonly clusters = new Map<string, Cluster>();

  constructor(private readonly idsPerCluster: number) {}

  of(caller: Caller): Cluster {
    const key = `${caller.tenant}/${caller.cluster}`;
    const found = this.clusters.get(key);
    if (found !== undefined) return found;
    const cluster: Cluster = { key, targets: new Map(), streams: new Set(), revoked: new Set() };
    this.clusters.set(key, cluster);
    return cluster;
  }

  /** @throws Refusal `limit` */
  add(cluster: Cluster, wanted: Id): Target {
    if (cluster.targets.size >= this.idsPerCluster) {
      throw new Refusal('limit', `The cluster has ${this.idsPerCluster} ids already.`);
    }
    const id = wanted.number === 0 ? freeId(cluster, wanted.host) : wanted;
    const target: Target = {
      cluster,
      id,
      claimed: false,
      control: undefined,
      grace: undefined,
      waiting: new Set(),
      streams: new Set(),
    };
    cluster.targets.set(formatId(id), target);
    return target;
  }

  remove(target: Target): void {
    clearTimeout(target.grace);
    const id = formatId(target.id);
    if (target.cluster.targets.get(id) === target) target.cluster.targets.delete(id);
    this.forgetIfEmpty(target.cluster);
  }

  forgetIfEmpty(cluster: Cluster): void {
    if (cluster.targets.size + cluster.streams.size + cluster.revoked.size > 0) return;
    if (this.clusters.get(cluster.key) === cluster) this.clusters.delete(cluster.key);
  }

  *targets(): Iterable<Target> {
    for (const cluster of this.clusters.values()) yield* cluster.targets.values();
  }

  get size(): number {
    return this.clusters.size;
  }
}

function freeId(cluster: Cluster, host: string): Id {
  for (;;) {
    // There are far more numbers than ids in a cluster, so this ends soon.
    const id = { host, number: randomInt(firstFreeNumber, 65_536) };
    if (!cluster.targets.has(formatId(id))) return id;
  }
}
