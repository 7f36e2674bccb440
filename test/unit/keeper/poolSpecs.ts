import type { PoolSpec } from '../../../src/keeper/api.js';

/** A pool `main` at two sites. */
export function poolSpecOf(changes: Partial<PoolSpec> = {}): PoolSpec {
  return {
    name: 'main',
    grid: 'local',
    sites: ['north', 'south'],
    cores: 2,
    memoryMb: 3000,
    walltimeSeconds: 3600,
    python: '/usr/bin/python3',
    resources: {},
    ...changes,
  };
}
