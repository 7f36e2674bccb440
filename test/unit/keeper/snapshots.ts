import type { ClusterSnapshot } from '../../../src/keeper/api.js';

/** The state of a cluster `ttbar` that has nothing yet, but for `changes`. */
export function snapshotWith(changes: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    name: 'ttbar',
    id: 'ttbar-1a2b3c',
    phase: 'working',
    problems: [],
    relay: { address: '127.0.0.1:8790', restarts: 0 },
    scheduler: { address: 'relay://scheduler:8786', httpPort: 8787 },
    pools: [],
    sites: [],
    samples: {},
    total: { events: 0, bytes: 0, eventsPerSecond: 0, bytesPerSecond: 0, again: { events: 0, bytes: 0 } },
    tasks: { waiting: 0, processing: 0, memory: 0, erred: 0 },
    kernels: [],
    ...changes,
  };
}
