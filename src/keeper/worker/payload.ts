import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SitespanError } from '../../base/errors.js';
import { privateFolder } from '../../base/privateFolder.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import type { EnvironmentSpec } from '../../environment/environmentSpec.js';
import type { Identity } from '../../relay/identity.js';
import { startScript } from './startScript.js';

/**
 * Writes what a job carries into `folder`: `start.sh`, `join.json` and our wheel; no key (docs/architecture.md, "Job").
 *
 * It is the same for all jobs of a bulk, and people at a site may read it.
 *
 * @param bundle folder in which the wheel lies
 * @param environment how to get the worker's Python, as the site's nodes see it
 */
export async function writePayload(
  folder: string,
  bundle: string,
  environment: EnvironmentSpec,
  joiner: Identity,
): Promise<void> {
  await privateFolder(folder);
  const wheel = (await readdir(bundle)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) {
    throw new SitespanError(
      'wheel-missing',
      `No wheel lies in ${bundle} on this computer; build it with "npm run build".`,
    );
  }
  await copyFile(join(bundle, wheel), join(folder, wheel));
  await writeAtomically(join(folder, 'join.json'), JSON.stringify(joiner));
  await writeAtomically(join(folder, 'start.sh'), startScript(wheel, environment), 0o700);
}
