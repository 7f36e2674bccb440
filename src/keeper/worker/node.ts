import { z } from 'zod';
import type { PoolSpec } from '../api.js';

const known = <T extends z.ZodType>(of: T) => of.optional().catch(undefined);

/**
 * What a job found on its node (`python/src/sitespan/node.py`): all of it optional, since a worker of another release may
 * tell less, and what it tells wrongly must not keep it out.
 */
export const nodeFindings = z.object({
  cores: known(z.int().min(1)),
  memoryMb: known(z.int().min(0)),
  /** Names, or the driver's devices. */
  gpus: known(z.array(z.string().max(200)).max(64)),
  diskFreeMb: known(z.int().min(0)),
  walltimeLeftSeconds: known(z.int().min(0)),
  /** Its clock when it asked, Unix seconds. */
  time: known(z.number()),
});
export type NodeFindings = z.infer<typeof nodeFindings>;

/** Less is soon full of what tasks spill. */
const littleDiskMb = 1000;
/** Credentials and timeouts bear more; logs of two places are still read side by side. */
const farClockSeconds = 30;
/** A limit of 3 GB is often a little less where the site counts in other units. */
const tolerance = 0.95;

/** Cores, memory and what else there is, for the evidence of an enrolment: `8 cores, 16 GB, GPU NVIDIA A100`. */
export function sayNode({ cores, memoryMb, gpus = [], diskFreeMb, walltimeLeftSeconds }: NodeFindings): string {
  return [
    cores === undefined ? [] : counted(cores, 'core'),
    memoryMb === undefined ? [] : `${size(memoryMb)} of memory`,
    gpus.length === 0 ? [] : `GPU ${gpus.join(' and ')}`,
    diskFreeMb === undefined ? [] : `${size(diskFreeMb)} of disk free`,
    walltimeLeftSeconds === undefined ? [] : `${time(walltimeLeftSeconds)} left`,
  ]
    .flat()
    .join(', ');
}

/**
 * What of a node is not as the pool asked for, or may soon be in the way: whole sentences.
 *
 * @param now when the keeper was asked, Unix seconds
 */
export function warnOfNode(node: NodeFindings, pool: PoolSpec, now: number): string[] {
  const { cores, memoryMb, gpus, diskFreeMb, walltimeLeftSeconds, time: clock } = node;
  const warnings: string[] = [];
  if (cores !== undefined && cores < pool.cores) {
    warnings.push(`${counted(cores, 'core')} found, ${pool.cores} asked for: its tasks share them.`);
  }
  if (memoryMb !== undefined && memoryMb < pool.memoryMb * tolerance) {
    warnings.push(
      `${size(memoryMb)} of memory found, ${size(pool.memoryMb)} asked for: it may be killed for too much.`,
    );
  }
  if ((pool.resources['GPU'] ?? 0) > 0 && gpus?.length === 0) {
    warnings.push('No GPU found, and the pool promises one to its tasks.');
  }
  if (diskFreeMb !== undefined && diskFreeMb < littleDiskMb) {
    warnings.push(`Disk ${size(diskFreeMb)} free: what tasks spill there soon fills it.`);
  }
  if (walltimeLeftSeconds !== undefined && walltimeLeftSeconds < pool.walltimeSeconds * tolerance) {
    warnings.push(`${time(walltimeLeftSeconds)} left of the site's time, ${time(pool.walltimeSeconds)} asked for.`);
  }
  if (clock !== undefined && Math.abs(clock - now) >= farClockSeconds) {
    const off = Math.round(clock - now);
    warnings.push(`Clock ${Math.abs(off)} s off: the node's is ${off > 0 ? 'ahead of' : 'behind'} this computer's.`);
  }
  return warnings;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function size(mb: number): string {
  return mb < 1000 ? `${mb} MB` : `${Number((mb / 1000).toPrecision(3))} GB`;
}

function time(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toFixed(1))} h`;
}
