import { calls } from '../../keeper/api.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';
import { chosenNotebook } from './chosenKernel.js';
import { confirmLoss } from './confirmLoss.js';

/** A fresh kernel for the notebook, and all its cells in it. */
export async function restartAndRunAll(window: Window, argument: unknown): Promise<void> {
  const on = await chosenNotebook(window, argument);
  const { kernel, cluster, name } = on;
  if (kernel !== undefined && kernel.phase !== 'dead') {
    if (!(await confirmLoss(`Restart the kernel of ${name} and run all cells?`, 'Restart and Run All'))) return;
    await inProgress(`Restarting the kernel of ${name}`, async (_say, signal) => {
      await (await window.fleet.client(cluster)).call(calls.restartKernel, { kernel: kernel.id }, signal);
      // VS Code runs no cell that it shows as running.
      await on.quiet(signal);
    });
  }
  await on.runAll();
}
