import { watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Disposable, disposable } from '../base/disposable.js';
import type { KeeperClient } from '../keeper/client.js';

export interface FoundCluster {
  readonly name: string;
  readonly folder: string;
}

/** What a fleet has of a keeper's client. */
export type ClusterLink = Pick<
  KeeperClient,
  'snapshot' | 'isAway' | 'trouble' | 'onDidChange' | 'call' | 'watch' | 'hasEnded' | 'dispose'
>;

/** Where a fleet's clusters come from. */
export interface FleetSource<Link extends ClusterLink> {
  list(): Promise<readonly FoundCluster[]>;
  /** @throws SitespanError why it cannot be connected to; `cluster-unknown` where it has ended */
  connect(name: string): Promise<Link>;
  /** Tells when clusters may have come or gone. */
  watch(onChange: () => void): Promise<Disposable>;
}

/**
 * The clusters of this user on this computer.
 *
 * What speaks to keepers is loaded when there is a first folder: a window of somebody who has no cluster stays small.
 */
export function clustersHere(onError: (error: unknown) => void): FleetSource<KeeperClient> {
  return {
    async list() {
      if (isUnsupported() || !(await mayHaveClusters(await stateFolder()))) return [];
      const { listClusters, listClustersElsewhere } = await import('../keeper/clusters.js');
      const folders = [...(await listClusters()), ...(await listClustersElsewhere())];
      return folders.map(({ path }) => ({ name: basename(path), folder: path }));
    },
    async connect(name) {
      const { KeeperClient } = await import('../keeper/client.js');
      const { findCluster } = await import('../keeper/clusters.js');
      return KeeperClient.connect(await findCluster(name), onError);
    },
    async watch(onChange) {
      if (isUnsupported()) return disposable(() => undefined);
      const watcher = watch(await stateFolder(), onChange);
      watcher.on('error', onError);
      return disposable(() => watcher.close());
    },
  };
}

/** Clusters are kept by systems with unix sockets and process groups. */
function isUnsupported(): boolean {
  return process.platform === 'win32';
}

async function stateFolder(): Promise<string> {
  const { stateFolder } = await import('../base/runtimePaths.js');
  return stateFolder();
}

/** Of this host, or of one whose name this computer may have had. */
async function mayHaveClusters(state: string): Promise<boolean> {
  const hosts = dirname(state);
  for (const host of await readdir(hosts)) {
    const names = await readdir(join(hosts, host)).catch(() => []);
    if (names.some((name) => !name.startsWith('.'))) return true;
  }
  return false;
}
