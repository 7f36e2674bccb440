import { join } from 'node:path';
import type { Log } from '../base/log.js';
import { type ClusterFolder, type ClusterLimits, environmentOf } from './clusterFolder.js';
import type { ClusterGrids } from './clusterGrids.js';
import type { ClusterParts } from './clusterParts.js';
import type { Fact } from './fact.js';
import type { Ledger } from './ledger.js';
import { PoolKeeper } from './poolKeeper.js';
import { writePayload } from './worker/payload.js';

/** What the pools know of their cluster. */
export interface ClusterAround {
  readonly folder: ClusterFolder;
  readonly ledger: Ledger;
  readonly grids: ClusterGrids;
  readonly markPrefix: string;
  readonly log: Log;
  readonly limits: ClusterLimits;
  record(fact: Fact): Promise<void>;
  /** As they are now. */
  parts(): ClusterParts | undefined;
  /** Waits for them. */
  ready(): Promise<ClusterParts>;
}

/** Pools whose workers carry what they need to enrol at this cluster, and leave by way of its scheduler. */
export function poolsAround({
  folder,
  ledger,
  grids,
  markPrefix,
  log,
  limits,
  record,
  parts,
  ready,
}: ClusterAround): PoolKeeper {
  return new PoolKeeper({
    ...{ ledger, record, markPrefix, limits, log },
    gridOf: (name) => grids.of(name),
    payload: async ({ spec }, mark, token, expires) => {
      const { identities } = await ready();
      const path = join(folder.payload, mark);
      const joiner = identities.issueJoiner(token, expires);
      await writePayload(path, folder.bundle, environmentOf(spec), joiner, limits.enrolSeconds);
      return path;
    },
    executing: ({ subject }) =>
      parts()?.scheduler.state?.workers.some(({ name, executing }) => name === subject && executing > 0) === true,
    knows: ({ subject }) => parts()?.scheduler.state?.workers.some(({ name }) => name === subject),
    retire: async (workers) => (await ready()).scheduler.retire(workers),
  });
}
