import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../base/errors.js';

/**
 * Copies our wheel out of a bundle into what a job carries.
 *
 * @returns its file name
 * @throws SitespanError `wheel-missing`
 */
export async function copyWheel(bundle: string, folder: string): Promise<string> {
  const wheel = (await readdir(bundle)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) {
    throw new SitespanError(
      'wheel-missing',
      `No wheel lies in ${bundle} on this computer; build it with "npm run build".`,
    );
  }
  await copyFile(join(bundle, wheel), join(folder, wheel));
  return wheel;
}
