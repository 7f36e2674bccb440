import { describeEnvironment } from './describe.js';
import type { EnvironmentDescription } from './description.js';
import type { EnvironmentSpec } from './environmentSpec.js';
import { type Purpose, unfitness } from './fitness.js';
import { formatEnvironment } from './parseEnvironment.js';

/**
 * Makes sure that an environment of this computer can be used for that, by entering it and asking.
 *
 * @throws SitespanError those of `describeEnvironment` and `unfitness`
 */
export async function checkEnvironment(
  spec: EnvironmentSpec,
  packageFolder: string,
  purpose: Purpose,
  signal?: AbortSignal,
): Promise<EnvironmentDescription> {
  const has = await describeEnvironment(spec, packageFolder, { signal });
  const unfit = unfitness(formatEnvironment(spec), has, purpose);
  if (unfit !== undefined) throw unfit;
  return has;
}
