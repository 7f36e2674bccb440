import { type Disposable, DisposableStore } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/events.js';
import type { WorkerSnapshot } from '../../keeper/api.js';
import type { RunSummary } from '../../keeper/runFiles.js';
import type { Fleet } from '../fleet.js';
import type { ClusterLink } from '../fleetSource.js';
import type { ClusterView } from '../knownCluster.js';
import { PoolWorkers } from '../poolWorkers.js';
import { troublesOfProxies } from '../proxy/proxyTroubles.js';
import type { ProxyWatch } from '../proxy/proxyWatch.js';
import { aboutCluster, ofError, type Trouble, troublesIn } from '../troubles.js';
import { chunkRow, clusterRow, kernelRow, kernelsRow, lostRow, poolRow, runRow, runsRow } from './clusterRows.js';
import { idOf, type NodeOf, type TreeNode } from './nodes.js';
import { type Row, troubleNode, troubleRow } from './row.js';
import type { TreeModel } from './treeModel.js';
import { workerRow } from './workerRow.js';

/** A pool of more workers than that is shown in chunks. */
const mostUnchunked = 200;
const chunkSize = 100;
/** So many of the kept runs are shown; *Open Finished Run* has all. */
const runsShown = 10;

type ProxiesOfClusters = Pick<ProxyWatch, 'ofCluster' | 'now' | 'onDidChange'>;

/** Clusters → pools → workers, their kernels, and the runs that were kept. */
export class ClustersModel<Link extends ClusterLink> implements TreeModel {
  readonly onDidChange: Event;
  private readonly changed: Emitter;
  private readonly held = new DisposableStore();
  private readonly workers: PoolWorkers<Link>;
  private readonly openPools = new Map<string, Disposable>();
  private runs: readonly RunSummary[] = [];
  /** How many clusters there were. */
  private before = 0;

  constructor(
    private readonly fleet: Fleet<Link>,
    private readonly proxies: ProxiesOfClusters,
    private readonly listRuns: () => Promise<readonly RunSummary[]>,
    private readonly onError: (error: unknown) => void,
  ) {
    this.changed = this.held.add(new Emitter(onError));
    this.onDidChange = this.changed.event;
    this.workers = this.held.add(new PoolWorkers(fleet, onError));
    this.held.add(this.workers.onDidChange(() => this.changed.fire()));
    this.held.add(fleet.onDidChange(() => this.heard()));
    this.held.add(proxies.onDidChange(() => this.changed.fire()));
    this.readRuns();
  }

  children(node?: TreeNode): readonly TreeNode[] {
    switch (node?.kind) {
      case undefined:
        return this.roots();
      case 'cluster':
        return this.ofCluster(node);
      case 'pool':
        return this.ofPool(node);
      case 'chunk':
        return this.present(node)
          .slice(node.from, node.from + chunkSize)
          .map(({ name }) => workerNode(node, name));
      case 'lost':
        return this.lost(node).map(({ name }) => workerNode(node, name));
      case 'kernels':
        return this.kernelsOf(node.cluster).map(({ id }) => ({ kind: 'kernel', cluster: node.cluster, kernel: id }));
      case 'runs':
        return this.runs.slice(0, runsShown).map(({ id }) => ({ kind: 'run', run: id }));
      default:
        return [];
    }
  }

  row(node: TreeNode): Row {
    const row = this.knownRow(node);
    // It went between being listed and being drawn.
    return row ?? { label: '', icon: { id: 'blank' }, tooltip: [], flags: [], spoken: 'gone', opens: 'no' };
  }

  async opened(node?: TreeNode): Promise<void> {
    if (node?.kind !== 'pool') return;
    if (!this.openPools.has(idOf(node))) {
      this.openPools.set(idOf(node), this.workers.open(node.cluster, node.pool));
    }
    await this.workers.known(node.cluster, node.pool);
  }

  closed(node?: TreeNode): void {
    for (const [id, open] of [...this.openPools]) {
      const within = node?.kind === 'cluster' && id.startsWith(`pool ${node.cluster} `);
      if (node !== undefined && !within && idOf(node) !== id) continue;
      open.dispose();
      this.openPools.delete(id);
    }
  }

  dispose(): void {
    this.closed();
    this.held.dispose();
  }

  private knownRow(node: TreeNode): Row | undefined {
    switch (node.kind) {
      case 'cluster': {
        const view = this.fleet.cluster(node.cluster);
        return view && clusterRow(view, this.proxyTroubles(node.cluster));
      }
      case 'pool': {
        const view = this.fleet.cluster(node.cluster);
        const pool = view?.snapshot?.pools.find(({ name }) => name === node.pool);
        return pool && poolRow(pool, isRunning(view));
      }
      case 'chunk': {
        const those = this.present(node).slice(node.from, node.from + chunkSize);
        const working = those.filter(({ phase }) => phase === 'working').length;
        return chunkRow(
          node.from,
          those.map(({ name }) => name),
          working,
        );
      }
      case 'worker': {
        const worker = this.workersOf(node).find(({ name }) => name === node.worker);
        return worker && workerRow(node.cluster, node.pool, worker);
      }
      case 'lost':
        return lostRow(this.lost(node).length);
      case 'kernels':
        return kernelsRow(this.kernelsOf(node.cluster).length);
      case 'kernel': {
        const kernel = this.kernelsOf(node.cluster).find(({ id }) => id === node.kernel);
        return kernel && kernelRow(kernel);
      }
      case 'runs':
        return runsRow(Math.min(this.runs.length, runsShown));
      case 'run': {
        const run = this.runs.find(({ id }) => id === node.run);
        return run && runRow(run);
      }
      case 'trouble':
        return troubleRow(node);
      default:
        return undefined;
    }
  }

  private roots(): TreeNode[] {
    const { trouble } = this.fleet;
    const said = trouble === undefined ? [] : [troubleNode('', ofError(trouble, []))];
    const named = this.fleet.clusters.map(({ name }): TreeNode => ({ kind: 'cluster', cluster: name }));
    const clusters = [...said, ...named];
    // Where there is nothing else the view welcomes instead.
    return this.runs.length === 0 ? clusters : [...clusters, { kind: 'runs' }];
  }

  private ofCluster({ cluster }: NodeOf<'cluster'>): TreeNode[] {
    const view = this.fleet.cluster(cluster);
    if (view === undefined) return [];
    const troubles = troublesIn('tree', view, this.proxyTroubles(cluster)).map((trouble) =>
      troubleNode(cluster, trouble),
    );
    if (view.snapshot === undefined || view.link === 'failed' || view.link === 'closed') return troubles;
    const pools = view.snapshot.pools.map(({ name }): TreeNode => ({ kind: 'pool', cluster, pool: name }));
    const kernels: TreeNode[] = view.snapshot.kernels.length === 0 ? [] : [{ kind: 'kernels', cluster }];
    return [...troubles, ...pools, ...kernels];
  }

  /** Of a cluster that is there: one that has ended needs none. */
  private proxyTroubles(cluster: string): Trouble[] {
    const { link } = this.fleet.cluster(cluster) ?? {};
    const isOpen = link === 'connected' || link === 'lost';
    return isOpen ? troublesOfProxies(this.proxies.ofCluster(cluster), this.proxies.now) : [];
  }

  private ofPool(node: NodeOf<'pool'>): TreeNode[] {
    const { cluster, pool } = node;
    const trouble = this.workers.troubleOf(cluster, pool);
    const present = this.present(node);
    const rows: TreeNode[] =
      present.length > mostUnchunked
        ? Array.from({ length: Math.ceil(present.length / chunkSize) }, (_, index) => {
            return { kind: 'chunk', cluster, pool, from: index * chunkSize };
          })
        : present.map(({ name }) => workerNode(node, name));
    return [
      ...(trouble === undefined ? [] : [troubleNode(idOf(node), ofError(trouble, aboutCluster(cluster)))]),
      ...rows,
      ...(this.lost(node).length === 0 ? [] : [{ kind: 'lost', cluster, pool } as const]),
    ];
  }

  private workersOf({ cluster, pool }: InPool): readonly WorkerSnapshot[] {
    return this.workers.of(cluster, pool) ?? [];
  }

  private present(node: InPool): readonly WorkerSnapshot[] {
    return this.workersOf(node).filter(({ phase }) => phase !== 'ended');
  }

  private lost(node: InPool): readonly WorkerSnapshot[] {
    return this.workersOf(node)
      .filter(({ phase }) => phase === 'ended')
      .toReversed();
  }

  private kernelsOf(cluster: string) {
    return this.fleet.cluster(cluster)?.snapshot?.kernels ?? [];
  }

  private heard(): void {
    // A cluster that has ended has left its run.
    const there = this.fleet.clusters.filter(({ link }) => link !== 'closed').length;
    if (there < this.before) this.readRuns();
    this.before = there;
    this.changed.fire();
  }

  private readRuns(): void {
    this.listRuns()
      .then((runs) => {
        this.runs = runs;
        this.changed.fire();
      })
      .catch(this.onError);
  }
}

interface InPool {
  readonly cluster: string;
  readonly pool: string;
}

function workerNode({ cluster, pool }: InPool, worker: string): TreeNode {
  return { kind: 'worker', cluster, pool, worker };
}

function isRunning(view: ClusterView | undefined): boolean {
  const phase = view?.snapshot?.phase;
  return view?.link === 'connected' && (phase === 'working' || phase === 'starting');
}
