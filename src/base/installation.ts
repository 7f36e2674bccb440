import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from './errors.js';
import { unlessAbsent } from './systemError.js';
import { writeOnce } from './writeAtomically.js';

/**
 * Six hex digits that tell this installation's jobs from those of all others at a grid, for all its clusters. Made by the first
 * that asks; of two at once, both get the same.
 *
 * @param state the folder of this user's clusters on this computer
 * @throws SitespanError `installation-damaged`.
 */
export async function installationId(state: string): Promise<string> {
  // The dot: it is not a cluster's name.
  const path = join(state, '.installation');
  const read = () => unlessAbsent(readFile(path, 'utf8'));
  const known = await read();
  if (known === undefined) await writeOnce(path, randomBytes(3).toString('hex'));
  const id = known ?? (await read()) ?? '';
  if (/^[0-9a-f]{6}$/.test(id)) return id;
  throw new SitespanError(
    'installation-damaged',
    `${path} on this computer does not hold the six hex digits that name this installation; remove it, and the next cluster gets new ones.`,
  );
}
