import { calls } from '../../keeper/api.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { chosenKernel } from './chosenKernel.js';
import { confirmLoss } from './confirmLoss.js';

/** Ends a kernel; the notebook's next run starts another. */
export async function shutdownKernel(window: Window, argument: unknown): Promise<void> {
  const { cluster, id, name } = await chosenKernel(window, argument);
  if (!(await confirmLoss(`Shut down the kernel ${name}?`, 'Shut Down'))) return;
  await inProgress(`Shutting down the kernel ${name}`, async (_say, signal) => {
    await (await window.fleet.client(cluster)).call(calls.shutdownKernel, { kernel: id }, signal);
  });
}
