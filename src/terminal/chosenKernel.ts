import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { findCluster, listClusters } from '../keeper/clusters.js';
import { KernelClient } from '../keeper/kernelClient.js';

type ClusterFolder = Awaited<ReturnType<typeof findCluster>>;

/**
 * The cluster that was named, or the only one there is.
 *
 * @throws SitespanError `cluster-unknown`, `cluster-none`, `cluster-which`
 */
export async function chosenCluster(name: string | undefined, how: string): Promise<ClusterFolder> {
  if (name !== undefined) return findCluster(name);
  const all = await listClusters();
  const [only, ...more] = all;
  if (only === undefined) {
    throw new SitespanError('cluster-none', 'There are no clusters on this computer; make one with: sitespan up NAME');
  }
  if (more.length === 0) return only;
  const names = all.map(({ path }) => basename(path)).join(', ');
  throw new SitespanError('cluster-which', `There are several clusters on this computer (${names}); ${how}.`);
}

/**
 * A kernel of a cluster; one that has ended still has its record.
 *
 * @throws SitespanError `kernel-unknown`
 */
export async function kernelNamed(cluster: ClusterFolder, id: string): Promise<KernelClient> {
  const ids = await kernelIds(cluster);
  if (ids.includes(id)) return KernelClient.of(cluster.kernel(id));
  const name = basename(cluster.path);
  const there = ids.length === 0 ? 'it has none yet' : `there are ${ids.join(', ')}`;
  throw new SitespanError('kernel-unknown', `The cluster ${name} has no kernel ${id}: ${there}.`);
}

/**
 * The kernel that a person means who names none: the only one that runs, or of several the only one that is at work.
 *
 * @throws SitespanError `kernel-none`, `kernel-which`
 */
export async function kernelMeant(cluster: ClusterFolder): Promise<KernelClient> {
  const name = basename(cluster.path);
  const running: { readonly kernel: KernelClient; readonly isIdle: boolean }[] = [];
  const ids = await kernelIds(cluster);
  for (const id of ids) {
    const kernel = await KernelClient.of(cluster.kernel(id));
    if (await kernel.hasEnded()) kernel.dispose();
    else running.push({ kernel, isIdle: await isIdle(kernel) });
  }
  const [meant, ...more] = running.length === 1 ? running : running.filter((one) => !one.isIdle);
  for (const { kernel } of running) if (kernel !== meant?.kernel || more.length > 0) kernel.dispose();
  if (meant !== undefined && more.length === 0) return meant.kernel;
  if (running.length === 0) {
    const last = ids.at(-1);
    const past = last === undefined ? '' : `; what an ended one said is shown by: sitespan attach ${name}/${last}`;
    throw new SitespanError('kernel-none', `No kernel of the cluster ${name} is running${past}.`);
  }
  const choice = running.map(({ kernel }) => `${name}/${kernel.id}`).join(', ');
  throw new SitespanError('kernel-which', `Several kernels of the cluster ${name} are running; name one: ${choice}.`);
}

async function isIdle(kernel: KernelClient): Promise<boolean> {
  try {
    return (await kernel.state()).kernel === 'idle';
  } catch (error) {
    // It starts, or has just ended.
    if (SitespanError.is(error, 'kernel-unreachable')) return false;
    throw error;
  }
}

/** In the order they were started. */
async function kernelIds(cluster: ClusterFolder): Promise<string[]> {
  const ids = (await unlessAbsent(readdir(cluster.kernels))) ?? [];
  return ids.filter((id) => /^k\d+$/.test(id)).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}
