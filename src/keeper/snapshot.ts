import type { EnvironmentDescription } from '../environment/description.js';
import type { ClusterSnapshot, KernelSnapshot, LifePhase, Problem } from './api.js';
import { schedulerAddress } from './api.js';
import type { ClusterSettings } from './clusterFolder.js';
import type { Ledger } from './ledger.js';
import type { SchedulerState } from './schedulerState.js';
import type { Throughput } from './throughput.js';
import type { Life } from './worker/life.js';

export interface SnapshotParts {
  readonly settings: ClusterSettings;
  readonly phase: ClusterSnapshot['phase'];
  readonly problems: readonly Problem[];
  readonly relay: ClusterSnapshot['relay'];
  readonly httpPort: number | null;
  readonly ledger: Ledger;
  readonly scheduler: SchedulerState | undefined;
  readonly throughput: Throughput;
  readonly kernels: readonly KernelSnapshot[];
  readonly environment?: EnvironmentDescription | undefined;
  readonly jupyterPort?: number | undefined;
}

/** The whole of a cluster that viewers see at a glance: small, whatever its size (counts, not lives). */
export function snapshotOf(parts: SnapshotParts): ClusterSnapshot {
  const { settings, ledger, throughput, scheduler } = parts;
  const bySite = throughput.bySite();
  const sites = [...new Set([...ledger.pools.flatMap((pool) => pool.spec.sites), ...bySite.keys()])];
  return {
    name: settings.name,
    id: settings.id,
    phase: parts.phase,
    problems: [...parts.problems],
    relay: parts.relay,
    scheduler: { address: schedulerAddress, httpPort: parts.httpPort },
    pools: ledger.pools.map(({ spec, desired, adaptive }) => ({
      name: spec.name,
      sites: spec.sites,
      desired,
      lives: countPhases(ledger.lives.filter((life) => life.pool === spec.name)),
      grid: spec.grid,
      cores: spec.cores,
      memoryMb: spec.memoryMb,
      walltimeSeconds: spec.walltimeSeconds,
      ...(adaptive === undefined ? {} : { adaptive }),
    })),
    sites: sites.map((site) => ({
      site,
      ...(bySite.get(site) ?? { events: 0, bytes: 0 }),
      ...throughput.rates(site),
      lives: countPhases(ledger.lives.filter((life) => life.site === site)),
    })),
    samples: throughput.samples,
    total: { ...throughput.total, ...throughput.rates() },
    tasks: scheduler?.tasks ?? { waiting: 0, processing: 0, memory: 0, erred: 0 },
    kernels: [...parts.kernels],
    ...(parts.environment === undefined ? {} : { environment: parts.environment }),
    ...(parts.jupyterPort === undefined ? {} : { jupyter: { port: parts.jupyterPort } }),
  };
}

function countPhases(lives: readonly Life[]): Partial<Record<LifePhase, number>> {
  const numbers: Partial<Record<LifePhase, number>> = {};
  for (const { phase } of lives) numbers[phase] = (numbers[phase] ?? 0) + 1;
  return numbers;
}
