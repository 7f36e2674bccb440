import { join } from 'node:path';
import { activateOnce } from './activation.js';
import type { Measured } from './measured.js';

const rounds = 20;
const extension = join(import.meta.dirname, '..', '..', 'dist', 'extension', 'extension.js');

/** Loading and activating the bundled extension, each time in a fresh Node with something in the place of VS Code. */
export async function start(): Promise<readonly Measured[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push((await activateOnce(extension)).ms);
  return [{ what: 'activation', values: times, aim: { median: 60, worst: 150 } }];
}
