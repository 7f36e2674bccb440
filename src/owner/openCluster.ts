import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import type { ClusterFolder } from '../keeper/clusterFolder.js';
import { createCluster, findCluster, type NewCluster } from '../keeper/clusters.js';
import { closeCluster } from './closeCluster.js';
import { endedBecause } from './endedBecause.js';
import type { Opening } from './opening.js';

/** A cluster whose keeper answers; whoever has it disposes of the client. */
export interface OpenedCluster {
  readonly client: KeeperClient;
  /** Whether it was made just now; else it was there. */
  readonly created: boolean;
}

export interface ClusterOpening extends Opening {
  /** Told of what a listener of the client's throws; without it, that is thrown where nobody catches it. */
  readonly onListenerError?: ((error: unknown) => void) | undefined;
}

export interface ClusterMaking extends ClusterOpening {
  /** Whether one of that name is refused with `cluster-exists`, instead of being attached to. */
  readonly onlyNew?: boolean;
}

/** How long a cluster of that name that is being closed may take to be gone. */
const endSeconds = 60;

/**
 * Connects to a cluster that there is, starting its keeper where that is dead. It may be closing or failed.
 *
 * @throws SitespanError `cluster-unknown`, `cluster-elsewhere`, `cluster-damaged`, `cluster-newer`, `keeper-start-failed`; the signal's reason
 */
export async function openCluster(name: string, opening: ClusterOpening = {}): Promise<KeeperClient> {
  return connect(await findCluster(name), opening);
}

/**
 * Connects to a cluster that can be worked with; one on its way out is waited for until it is gone.
 *
 * @returns undefined where there is none of that name
 * @throws SitespanError as `openCluster`; `deadline` where the old one does not go
 */
export async function attachCluster(name: string, opening: ClusterOpening = {}): Promise<KeeperClient | undefined> {
  for (;;) {
    const folder = await findCluster(name).catch((error: unknown) => {
      if (SitespanError.is(error, 'cluster-unknown')) return undefined;
      throw error;
    });
    if (folder === undefined) return undefined;
    const client = await connectUnlessGone(folder, name, opening);
    if (client === undefined) continue;
    try {
      const { phase } = await client.call(calls.clusterState, {}, opening.signal);
      if (phase !== 'closing' && phase !== 'failed') return client;
      opening.progress?.(`Waiting for the old cluster ${name} to end.`);
      await until(() => client.hasEnded(), {
        timeoutMs: endSeconds * 1000,
        what: `The end of the old cluster ${name}`,
        signal: opening.signal,
      });
      client.dispose();
    } catch (error) {
      client.dispose();
      throw error;
    }
  }
}

/**
 * A cluster of that name: the one there is, else a new one, whose keeper answers. What a person stops half-way is not left running.
 *
 * @throws SitespanError those of `createCluster` and `openCluster`; `cluster-start-failed` where a new one ended at once, with its reason
 */
export async function makeCluster(wish: NewCluster, making: ClusterMaking = {}): Promise<OpenedCluster> {
  const { name } = wish;
  for (;;) {
    if (making.onlyNew !== true) {
      const there = await attachCluster(name, making);
      if (there !== undefined) return { client: there, created: false };
    }
    making.progress?.(`Looking at the environment of ${name} and making its folder.`);
    const stoppable = making.signal === undefined ? wish : { ...wish, signal: making.signal };
    const folder = await createUnlessThere(stoppable, making.onlyNew === true);
    if (folder === undefined) continue;
    making.progress?.(`Starting the keeper, relay and scheduler of ${name}.`);
    const client = await connectUnlessGone(folder, name, making).catch(async (error: unknown) => {
      if (making.signal?.aborted) await undo(folder);
      throw error;
    });
    if (client !== undefined) return { client, created: true };
    throw new SitespanError(
      'cluster-start-failed',
      `The cluster ${name} ended as soon as it was made: ${await endedBecause(folder)}`,
    );
  }
}

function connect(folder: ClusterFolder, { onListenerError, signal }: ClusterOpening): Promise<KeeperClient> {
  const raise = (error: unknown): void => {
    throw error;
  };
  return KeeperClient.connect(folder, onListenerError ?? raise, signal);
}

/** @returns undefined where its keeper went by its own will at this moment */
async function connectUnlessGone(
  folder: ClusterFolder,
  name: string,
  opening: ClusterOpening,
): Promise<KeeperClient | undefined> {
  try {
    return await connect(folder, opening);
  } catch (error) {
    opening.signal?.throwIfAborted();
    const gone = await findCluster(name).then(
      () => false,
      (why: unknown) => SitespanError.is(why, 'cluster-unknown'),
    );
    if (gone) return undefined;
    throw error;
  }
}

/** @returns undefined where another process was quicker */
async function createUnlessThere(wish: NewCluster, onlyNew: boolean): Promise<ClusterFolder | undefined> {
  try {
    return await createCluster(wish);
  } catch (error) {
    if (SitespanError.is(error, 'cluster-exists') && !onlyNew) return undefined;
    throw error;
  }
}

async function undo(folder: ClusterFolder): Promise<void> {
  const client = await connect(folder, {});
  try {
    await closeCluster(client);
  } finally {
    client.dispose();
  }
}
