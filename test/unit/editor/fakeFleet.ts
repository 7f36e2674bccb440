import type { Disposable } from '../../../src/base/disposable.js';
import { SitespanError } from '../../../src/base/errors.js';
import { Emitter } from '../../../src/base/events.js';
import { Fleet } from '../../../src/editor/fleet.js';
import type { ClusterLink, FleetSource, FoundCluster } from '../../../src/editor/fleetSource.js';
import type { ClusterSnapshot } from '../../../src/keeper/api.js';
import { snapshotWith } from '../keeper/snapshots.js';

/** A keeper as a window has it; it says what the test lets it. */
export class FakeLink implements ClusterLink {
  private readonly changed = new Emitter(throwIt);
  readonly onDidChange = this.changed.event;
  snapshot: ClusterSnapshot | undefined;
  isAway = false;
  trouble: SitespanError | undefined;
  ended = false;
  disposed = false;
  /** What was asked, and what that is answered with, by path. */
  readonly asked: { readonly path: string; readonly body: unknown }[] = [];
  readonly answers = new Map<string, unknown>();

  call: ClusterLink['call'] = async (call, body) => {
    this.asked.push({ path: call.path, body });
    const answer = this.answers.get(call.path);
    if (answer instanceof Error) throw answer;
    return call.answer.parse(answer);
  };

  watch(): void {
    this.become({});
  }

  async hasEnded(): Promise<boolean> {
    return this.ended;
  }

  dispose(): void {
    this.disposed = true;
    this.changed.dispose();
  }

  /** Another state, as the keeper tells it. */
  become(changes: Partial<ClusterSnapshot>): void {
    this.snapshot = snapshotWith({ ...this.snapshot, ...changes });
    this.tell();
  }

  tell(): void {
    this.changed.fire();
  }
}

/** Clusters in memory. */
export class FakeSource implements FleetSource<FakeLink> {
  readonly links = new Map<string, FakeLink>();
  /** Why some cannot be connected to. */
  readonly refusals = new Map<string, Error>();
  readonly connects: string[] = [];
  lists = 0;
  /** What looking ends with. */
  failure: Error | undefined;
  private folderChanged: (() => void) | undefined;

  add(name: string): FakeLink {
    const link = new FakeLink();
    link.snapshot = snapshotWith({ name });
    this.links.set(name, link);
    return link;
  }

  remove(name: string): void {
    this.links.delete(name);
  }

  folderChanges(): void {
    this.folderChanged?.();
  }

  get isWatched(): boolean {
    return this.folderChanged !== undefined;
  }

  async list(): Promise<readonly FoundCluster[]> {
    if (this.failure !== undefined) throw this.failure;
    this.lists++;
    const names = new Set([...this.links.keys(), ...this.refusals.keys()]);
    return [...names].map((name) => ({ name, folder: `/state/${name}` }));
  }

  async connect(name: string): Promise<FakeLink> {
    this.connects.push(name);
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw refusal;
    const link = this.links.get(name);
    if (link === undefined) throw new SitespanError('cluster-unknown', `There is no cluster ${name}.`);
    return link;
  }

  async watch(onChange: () => void): Promise<Disposable> {
    this.folderChanged = onChange;
    return {
      dispose: () => {
        this.folderChanged = undefined;
      },
    };
  }
}

/** A fleet a test, let go after it. */
export function fakeFleet(): () => { readonly fleet: Fleet<FakeLink>; readonly source: FakeSource } {
  let made: { readonly fleet: Fleet<FakeLink>; readonly source: FakeSource };
  beforeEach(() => {
    const source = new FakeSource();
    made = { source, fleet: new Fleet(source, throwIt) };
  });
  afterEach(() => made.fleet.dispose());
  return () => made;
}

function throwIt(error: unknown): void {
  throw error;
}
