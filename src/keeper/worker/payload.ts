import { join } from 'node:path';
import { privateFolder } from '../../base/privateFolder.js';
import { writeAtomically } from '../../base/writeAtomically.js';
import type { EnvironmentSpec } from '../../environment/environmentSpec.js';
import type { Identity } from '../../relay/identity.js';
import { enteringScript } from './enteringScript.js';
import { copyWheel } from './wheel.js';

/** A worker that finds no keeper gives up after so long; then it is its site's slot again. */
const defaultEnrolSeconds = 600;

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
  enrolSeconds: number = defaultEnrolSeconds,
): Promise<void> {
  await privateFolder(folder);
  const wheel = await copyWheel(bundle, folder);
  await writeAtomically(join(folder, 'join.json'), JSON.stringify(joiner));
  const file = 'start.sh';
  const words = `-m sitespan.worker --join "$here/join.json" --enrol-seconds ${enrolSeconds}`;
  await writeAtomically(join(folder, file), enteringScript({ file, wheel, environment, words }), 0o700);
}
