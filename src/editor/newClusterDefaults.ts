import { availableParallelism } from 'node:os';
import * as vscode from 'vscode';
import { z } from 'zod';
import { settings } from '../ids.js';
import { clusterName } from '../keeper/api.js';
import type { NewCluster } from '../keeper/clusters.js';
import type { ClusterWish } from './newClusterSteps.js';
import { readSetting } from './readSetting.js';

const slotsByName = z.record(z.string().min(1), z.int().min(1));

/** The sites of this computer as the settings have them; one with a slot a core where they have none. */
export function localSites(): NewCluster['localSites'] {
  const wished = Object.entries(readSetting(settings.localSites, slotsByName, {}));
  const sites = wished.length > 0 ? wished : [['local', availableParallelism()] as const];
  return sites.map(([name, slots]) => ({ name, slots, enter: [] }));
}

/** What keeps new clusters from costing more than was meant, as the settings have it. */
export function clusterLimits(): NonNullable<NewCluster['limits']> {
  return {
    idleMinutes: readSetting(settings.idleMinutes, z.number().min(0), 30),
    workersUnconfirmed: readSetting(settings.workersUnconfirmed, z.int().min(0), 50),
  };
}

/** The answers that stand there before a person has given one. */
export function firstWish(
  sites: NewCluster['localSites'],
  takenNames: ReadonlySet<string>,
  environment: ClusterWish['environment'],
): ClusterWish {
  return {
    grid: 'local',
    sites: sites.map(({ name }) => name),
    workers: 2,
    cores: 1,
    memoryMb: 0,
    walltimeSeconds: 86_400,
    environment,
    workerEnvironment: 'python3',
    name: freeName(takenNames),
  };
}

/** The folder's name, since that is what one works at. */
function freeName(taken: ReadonlySet<string>): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 36);
  const base = clusterName.safeParse(folder).success && folder !== undefined ? folder : 'cluster';
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
