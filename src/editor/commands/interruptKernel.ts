import { calls } from '../../keeper/api.js';
import type { Window } from '../window.js';
import { chosenKernel } from './chosenKernel.js';

/** Ends what a kernel runs, and gives up what waits. */
export async function interruptKernel(window: Window, argument: unknown): Promise<void> {
  const { cluster, id } = await chosenKernel(window, argument);
  await (await window.fleet.client(cluster)).call(calls.interruptKernel, { kernel: id });
}
