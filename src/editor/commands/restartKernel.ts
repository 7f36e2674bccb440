import { calls } from '../../keeper/api.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { chosenKernel } from './chosenKernel.js';
import { confirmLoss } from './confirmLoss.js';

/** A fresh process for a kernel. */
export async function restartKernel(window: Window, argument: unknown): Promise<void> {
  const { cluster, id, name } = await chosenKernel(window, argument);
  if (!(await confirmLoss(`Restart the kernel ${name}?`, 'Restart'))) return;
  await inProgress(`Restarting the kernel ${name}`, async (_say, signal) => {
    await (await window.fleet.client(cluster)).call(calls.restartKernel, { kernel: id }, signal);
  });
}
