import { Emitter } from '../../../../src/base/events.js';
import { socketPath } from '../../../../src/base/runtimePaths.js';
import {
  type ClusterSnapshot,
  calls,
  type GridSnapshot,
  type LifeSnapshot,
  type SiteSnapshot,
  schedulerAddress,
  type Verdict,
} from '../../../../src/keeper/api.js';
import type { ClusterFolder } from '../../../../src/keeper/clusterFolder.js';
import { KeeperServer, type Route, route } from '../../../../src/keeper/server.js';
import { logLines } from '../../keeper/logLines.js';
import { snapshotWith } from '../../keeper/snapshots.js';

/** A program that stands for the keeper's: it only runs; who answers on the socket is the test. */
export const runs = 'setInterval(() => 0, 1000);';

/** What a keeper was asked to change. */
export type Change = readonly [call: string, request: unknown];

/** A keeper that is not there, but answers: two workers in one pool, and every change is noted. */
export class ServedCluster {
  readonly changes: Change[] = [];
  readonly lives: LifeSnapshot[] = [lifeOf('main-1', 'north', 'working'), lifeOf('main-2', 'south', 'waiting')];
  snapshot: ClusterSnapshot = snapshotWith({
    name: 'test',
    scheduler: { address: schedulerAddress, httpPort: 8787 },
    pools: [
      {
        ...{ name: 'main', sites: ['north', 'south'], desired: 2, lives: { working: 1, waiting: 1 } },
        ...{ grid: 'local', cores: 1, memoryMb: 0, walltimeSeconds: 86_400 },
      },
    ],
  });
  grids: readonly GridSnapshot[] = [{ grid: 'local', sites: ['north', 'south'].map(siteOf) }];
  /** By site; good where there is none. */
  verdicts: Readonly<Record<string, Verdict>> = {};
  readonly probed: string[] = [];
  private readonly changed = new Emitter(() => undefined);
  private readonly server: KeeperServer;

  constructor() {
    this.server = new KeeperServer(
      { routes: this.routes(), snapshot: () => this.snapshot, onDidChange: this.changed.event },
      logLines().log,
    );
  }

  async listen(folder: ClusterFolder): Promise<void> {
    await this.server.listen(await socketPath(folder.path));
  }

  dispose(): void {
    this.server.dispose();
    this.changed.dispose();
  }

  private routes(): Route[] {
    const note = (name: string) => async (request: unknown) => {
      this.changes.push([name, request]);
      return {};
    };
    return [
      route(calls.clusterState, async () => this.snapshot),
      route(calls.listLives, async () => this.lives),
      route(calls.schedulerCode, async () => ({ url: 'http://127.0.0.1:8787/sitespan/enter?code=c0de' })),
      route(calls.workerLog, async () => ({ text: 'its log\n', offset: 8, final: true })),
      route(calls.createPool, note('createPool')),
      route(calls.scalePool, note('scalePool')),
      route(calls.adaptPool, note('adaptPool')),
      route(calls.killWorker, note('killWorker')),
      route(calls.drainWorker, note('drainWorker')),
      route(calls.listSites, async () => [...this.grids]),
      route(calls.probeSite, async ({ grid, site }) => {
        this.probed.push(`${grid} ${site}`);
        return this.verdicts[site] ?? { ok: true, sentence: `Jobs start at ${site}.`, at: 1, facts: {} };
      }),
    ];
  }
}

export function siteOf(name: string): SiteSnapshot {
  return { name, slots: 2, banned: false, waiting: 0, running: 1, workers: 1 };
}

export function lifeOf(name: string, site: string, phase: LifeSnapshot['phase']): LifeSnapshot {
  const at = Date.now() / 1000;
  const steps = [{ phase, at, evidence: 'said so' }];
  return { name, pool: 'main', site, job: `job-${name}`, phase, steps, warnings: [] };
}
