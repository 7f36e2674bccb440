import { basename } from 'node:path';
import { SitespanError } from '../base/errors.js';
import type { JobIntent } from './grid.js';

/**
 * What holds of an intent at every grid, so that no grid is asked for nonsense.
 *
 * @throws SitespanError `intent-invalid`.
 */
export function checkedIntent(intent: JobIntent): JobIntent {
  const refuse = (what: string): never => {
    throw new SitespanError('intent-invalid', `These jobs cannot be submitted: ${what}.`);
  };
  // Some grids put it into paths, queries and file names.
  if (!/^[A-Za-z0-9_.-]{1,32}$/.test(intent.mark)) {
    refuse(`their mark ${JSON.stringify(intent.mark)} is not 1 to 32 of A-Z, a-z, 0-9, _, . and -`);
  }
  for (const [name, least] of [
    ['count', 1],
    ['cores', 1],
    ['memoryMb', 0],
    ['walltimeSeconds', 1],
  ] as const) {
    if (!Number.isSafeInteger(intent[name]) || intent[name] < least) {
      refuse(`${name} is ${intent[name]}, not a whole number of at least ${least}`);
    }
  }
  if (basename(intent.executable) !== intent.executable || ['', '.', '..'].includes(intent.executable)) {
    refuse(`the executable ${JSON.stringify(intent.executable)} is not the name of a file of the sandbox`);
  }
  for (const [name, value] of Object.entries(intent.environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) {
      refuse(`the environment variable ${JSON.stringify(name)} cannot be set`);
    }
  }
  return intent;
}
