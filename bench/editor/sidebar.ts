import { setTimeout as sleep } from 'node:timers/promises';
import { Emitter } from '../../src/base/events.js';
import { Fleet } from '../../src/editor/fleet.js';
import type { ClusterLink, FleetSource } from '../../src/editor/fleetSource.js';
import { ClustersModel } from '../../src/editor/trees/clustersModel.js';
import type { TreeNode } from '../../src/editor/trees/nodes.js';
import { ShownRows } from '../../src/editor/trees/shownRows.js';
import { type ClusterSnapshot, clusterSnapshot, type LifePhase, type WorkerSnapshot } from '../../src/keeper/api.js';
import type { Measured } from './measured.js';

const workers = 1000;
const everyMs = 500;
const seconds = 20;
const phases: readonly LifePhase[] = ['waiting', 'starting', 'enrolled', 'working'];
const pool: TreeNode = { kind: 'pool', cluster: 'ttbar', pool: 'main' };

/** A keeper whose workers are all in other phases each time, as text: a window reads and checks it as from a socket. */
class ChangingLink implements ClusterLink {
  private readonly changed = new Emitter(fail);
  readonly onDidChange = this.changed.event;
  readonly isAway = false;
  readonly trouble = undefined;
  snapshot: ClusterSnapshot | undefined;
  private round = 0;

  call: ClusterLink['call'] = async (call) => call.answer.parse(JSON.parse(JSON.stringify(this.workers())));

  watch(): void {
    this.change();
  }

  async hasEnded(): Promise<boolean> {
    return false;
  }

  dispose(): void {
    this.changed.dispose();
  }

  change(): void {
    this.round++;
    const text = JSON.stringify(this.state());
    this.snapshot = clusterSnapshot.parse(JSON.parse(text));
    this.changed.fire();
  }

  private phaseOf(index: number): LifePhase {
    return phases[(index + this.round) % phases.length] ?? 'working';
  }

  private workers(): WorkerSnapshot[] {
    return Array.from({ length: workers }, (_, index) => {
      const there = { site: `site-${index % 20}`, job: String(index), since: this.round, evidence: 'as the grid says' };
      return { name: `main-${index + 1}`, phase: this.phaseOf(index), ...there };
    });
  }

  private state(): ClusterSnapshot {
    const none = { events: 0, bytes: 0 };
    const lives = Object.fromEntries(phases.map((phase) => [phase, workers / phases.length]));
    const rates = { eventsPerSecond: 1e6 + this.round, bytesPerSecond: 1e8 };
    const sites = Array.from({ length: 20 }, (_, index) => ({ site: `site-${index}`, ...none, ...rates, lives }));
    return {
      ...{ name: 'ttbar', id: 'ttbar-1a2b3c', phase: 'working', problems: [], samples: {}, kernels: [], sites },
      ...{ relay: { address: '127.0.0.1:1', restarts: 0 }, scheduler: { address: 'relay://s', httpPort: 1 } },
      pools: [{ name: 'main', sites: sites.map(({ site }) => site), desired: workers, lives }],
      total: { ...none, ...rates, again: none },
      tasks: { waiting: this.round, processing: 0, memory: 0, erred: 0 },
    };
  }
}

/** A cluster of a thousand workers, all of them open in the tree and all changing twice a second. */
export async function sidebar(): Promise<readonly Measured[]> {
  const link = new ChangingLink();
  const source: FleetSource<ChangingLink> = {
    list: async () => [{ name: 'ttbar', folder: '/ttbar' }],
    connect: async () => link,
    watch: async () => ({ dispose: () => undefined }),
  };
  const fleet = new Fleet(source, fail);
  await fleet.look();
  await sleep(50);
  const proxies = { ofCluster: () => [], now: 0, onDidChange: () => ({ dispose: () => undefined }) };
  const model = new ClustersModel(fleet, proxies, async () => [], fail);
  const shown = new ShownRows(model);
  try {
    const before = performance.now();
    shown.children();
    shown.children({ kind: 'cluster', cluster: 'ttbar' });
    await model.opened(pool);
    await draw(shown, pool);
    const expandMs = performance.now() - before;
    const [cpu, since] = [process.cpuUsage(), performance.now()];
    for (let n = 0; n < (seconds * 1000) / everyMs; n++) {
      link.change();
      await sleep(everyMs);
      const changed = shown.changed();
      for (const node of changed === 'all' ? [undefined] : changed) await draw(shown, node);
    }
    const { user, system } = process.cpuUsage(cpu);
    const share = (user + system) / 10 / (performance.now() - since);
    return [
      { what: `tree, ${workers} workers opened`, values: [expandMs], aim: { median: 200 } },
      {
        what: `extension host, ${workers} workers changing at 2 Hz`,
        ...{ values: [share], unit: '% of a core', aim: { median: 5 } },
      },
    ];
  } finally {
    model.dispose();
    fleet.dispose();
  }
}

/** As VS Code does for a node whose rows are all open. */
async function draw(shown: ShownRows, node: TreeNode | undefined): Promise<void> {
  for (const child of shown.children(node)) {
    shown.row(child);
    await draw(shown, child);
  }
}

function fail(error: unknown): void {
  throw error;
}
