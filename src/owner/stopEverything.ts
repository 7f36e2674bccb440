import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { endKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { KeeperClient } from '../keeper/client.js';
import type { ClusterFolder } from '../keeper/clusterFolder.js';
import { listClusters } from '../keeper/clusters.js';
import { closeCluster } from './closeCluster.js';

export interface Stopping {
  /** Told what is being done about one cluster, a sentence each. */
  readonly progress?: ((cluster: string, sentence: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How it went with one cluster. */
export interface StoppedCluster {
  readonly cluster: string;
  /** `closed` by its keeper; `forced`: what runs here was ended without it; `failed`: something may still run. */
  readonly how: 'closed' | 'forced' | 'failed';
  readonly sentence: string;
}

const graceMs = 5000;

/**
 * Ends every cluster of this user on this computer, all at once: workers, kernels, schedulers, relays, keepers.
 *
 * A keeper that is dead is started to close its cluster. Where that is impossible (its program or journal is lost), whatever it
 * had started on this computer is ended without it; jobs at a grid then end themselves when they find no scheduler.
 *
 * @throws the signal's reason; what fails of one cluster is told in its answer
 */
export async function stopEverything({ progress, signal }: Stopping = {}): Promise<readonly StoppedCluster[]> {
  return Promise.all(
    (await listClusters()).map((folder) => {
      const cluster = basename(folder.path);
      return stop(folder, cluster, (sentence) => progress?.(cluster, sentence), signal);
    }),
  );
}

async function stop(
  folder: ClusterFolder,
  cluster: string,
  say: (sentence: string) => void,
  signal: AbortSignal | undefined,
): Promise<StoppedCluster> {
  let why: string;
  try {
    await close(folder, say, signal);
    return { cluster, how: 'closed', sentence: `The cluster ${cluster} has ended.` };
  } catch (error) {
    signal?.throwIfAborted();
    why = error instanceof Error ? error.message : String(error);
  }
  say(`Its keeper could not close it (${why}); what runs here is ended without it.`);
  try {
    await endHere(folder);
  } catch (error) {
    const left = error instanceof Error ? error.message : String(error);
    return { cluster, how: 'failed', sentence: `The cluster ${cluster} may still run in part: ${left}` };
  }
  const elsewhere = await otherGrids(folder);
  const jobs =
    elsewhere === undefined
      ? ''
      : ` Its jobs at ${elsewhere} were not ended: they end by themselves within minutes of starting, since their scheduler is gone; those that still wait can be killed with the grid's own tools.`;
  return {
    cluster,
    how: 'forced',
    sentence: `The cluster ${cluster} could not be closed by its keeper (${why.replace(/\.$/, '')}), so all that ran of it on this computer was ended.${jobs} Its folder is left: ${folder.path}.`,
  };
}

async function close(folder: ClusterFolder, say: (sentence: string) => void, signal?: AbortSignal): Promise<void> {
  const client = await KeeperClient.connect(folder, () => undefined, signal);
  try {
    await closeCluster(client, { progress: say, signal });
  } finally {
    client.dispose();
  }
}

/** The keeper first: it would start the others again. */
async function endHere(folder: ClusterFolder): Promise<void> {
  await endKept(folder.keeper, { graceMs });
  const jobs = await namesIn(join(folder.local, 'jobs'));
  const kernels = await namesIn(folder.kernels);
  const kept = [
    ...jobs.map((id) => join(folder.local, 'jobs', id)),
    ...kernels.map((id) => folder.kernel(id)),
    folder.scheduler,
    folder.relay,
  ];
  const failures = (await Promise.allSettled(kept.map((path) => endKept(path, { graceMs })))).flatMap((result) =>
    result.status === 'rejected' ? [String(result.reason)] : [],
  );
  if (failures.length > 0) throw new SitespanError('not-all-ended', failures.join(' '));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await unlessAbsent(readdir(folder))) ?? [];
}

const gridsOnly = z.object({ grids: z.record(z.string(), z.unknown()).default({}) });

/** The names of other grids that it may have jobs at; undefined where there are none, as far as its settings can be read. */
async function otherGrids(folder: ClusterFolder): Promise<string | undefined> {
  const text = await unlessAbsent(readFile(folder.settings, 'utf8'));
  try {
    const names = Object.keys(gridsOnly.parse(JSON.parse(text ?? '{}')).grids);
    return names.length === 0 ? undefined : names.join(', ');
  } catch {
    return 'other grids, if it had any';
  }
}
