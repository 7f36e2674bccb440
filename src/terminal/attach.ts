import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import type { KernelClient } from '../keeper/kernelClient.js';
import { chosenCluster, kernelMeant, kernelNamed } from './chosenKernel.js';
import { KernelView } from './kernelView.js';
import { endKernel, summary } from './run.js';

interface Wish {
  readonly tail: boolean;
  readonly interrupt: boolean;
  readonly shutdown: boolean;
}

/** `sitespan attach`. @returns the exit code of what was asked for last */
export async function runAttach(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      tail: { type: 'boolean', default: false },
      interrupt: { type: 'boolean', default: false },
      shutdown: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new SitespanError('usage', 'sitespan attach [CLUSTER | CLUSTER/KERNEL]');
  const [clusterName, kernelId] = name?.split('/') ?? [];
  const cluster = await chosenCluster(clusterName, 'say which: sitespan attach CLUSTER');
  const kernel = await (kernelId === undefined ? kernelMeant(cluster) : kernelNamed(cluster, kernelId));
  try {
    return await attach(kernel, `${basename(cluster.path)}/${kernel.id}`, values);
  } finally {
    kernel.dispose();
  }
}

async function attach(kernel: KernelClient, address: string, wish: Wish): Promise<number> {
  const hasEnded = await kernel.hasEnded();
  const now = hasEnded ? undefined : await kernel.answers();
  if (now !== undefined && wish.interrupt) await (wish.shutdown ? kernel.shutdown() : interrupt(kernel));
  const view = new KernelView(kernel, { address, from: 0, showFrom: wish.tail ? (now?.offset ?? 0) : 0 });
  const stop = (): void => view.stop();
  process.on('SIGINT', stop);
  try {
    await view.until(async () => {
      if (view.notebooks.open) return false;
      // Only its host knows whether there is more to read.
      const state = await kernel.state().catch((error: unknown) => {
        if (SitespanError.is(error, 'kernel-unreachable')) return undefined;
        throw error;
      });
      return state !== undefined && state.offset <= view.offset && !hasWork(state.queue, state.kernel);
    });
  } catch (error) {
    if (!SitespanError.is(error, 'stopped') && !SitespanError.is(error, 'output-closed')) throw error;
    if (SitespanError.is(error, 'stopped')) view.note(`Stopped looking; ${address} goes on.`);
    return 130;
  } finally {
    process.off('SIGINT', stop);
  }
  for (const sentence of conclusion(view, address)) view.note(sentence);
  if (wish.shutdown) {
    await endKernel(kernel, address);
    view.note(`The kernel ${address} has ended.`);
  }
  return view.notebooks.failed ? 1 : 0;
}

async function interrupt(kernel: KernelClient): Promise<void> {
  try {
    await kernel.interrupt();
  } catch (error) {
    // The kernel of a host that lives may have ended by itself: nothing runs in it.
    if (!SitespanError.is(error, 'kernel-dead')) throw error;
  }
}

/** A kernel that still starts has nothing queued yet, perhaps. */
function hasWork(queue: readonly string[], kernel: string): boolean {
  return queue.length > 0 || kernel === 'busy';
}

function conclusion({ notebooks }: KernelView, address: string): string[] {
  const last = notebooks.runs.at(-1);
  if (last !== undefined) return [summary(notebooks, last.id), `Executed notebook: ${last.save}`];
  return [notebooks.cells.length === 0 ? `Nothing has been run in ${address}.` : `Nothing is queued in ${address}.`];
}
