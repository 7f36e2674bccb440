import { join } from 'node:path';
import { SitespanError } from '../../../base/errors.js';
import { checkEnvironment } from '../../../environment/checkEnvironment.js';
import type { EnvironmentSpec } from '../../../environment/environmentSpec.js';
import { findEnvironments } from '../../../environment/find/find.js';
import { unfitness } from '../../../environment/fitness.js';
import { formatEnvironment } from '../../../environment/parseEnvironment.js';
import type { Check, Examined, Finding } from '../check.js';

const usual: EnvironmentSpec = { kind: 'python', python: 'python3' };
/** Each is entered and asked, which takes seconds from a slow disk. */
const mostTried = 8;

/** The Python that a new cluster would have: the one that was named, else `python3`, else any that there is. */
export const pythonFits: Check = {
  id: 'python-fits',
  title: 'there is a Python with dask and distributed',
  async find(examined) {
    const meant = examined.environment ?? usual;
    const trouble = await troubleOf(meant, examined);
    if (trouble === undefined) return [];
    if (!(trouble instanceof SitespanError)) return [trouble];
    const where = formatEnvironment(meant);
    if (examined.environment !== undefined) {
      return [{ severity: 'wrong', what: trouble.message, where, fix: fixOf(undefined) }];
    }
    const other = await anyFit(examined);
    const severity = other === undefined ? 'wrong' : 'doubtful';
    return [{ severity, what: trouble.message, where, fix: fixOf(other) }];
  },
};

/** @returns why it cannot be used; a finding where it can, but not for notebooks */
async function troubleOf(
  spec: EnvironmentSpec,
  { bundle, signal }: Examined,
): Promise<SitespanError | Finding | undefined> {
  try {
    const has = await checkEnvironment(spec, join(bundle, 'python'), 'cluster', signal);
    const name = formatEnvironment(spec);
    const noKernel = unfitness(name, has, 'kernel');
    if (noKernel === undefined) return undefined;
    const fix = `Install what notebooks need: ${has.executable} -m pip install ipykernel jupyter_client`;
    return { severity: 'doubtful', what: noKernel.message, where: name, fix };
  } catch (error) {
    signal?.throwIfAborted();
    if (SitespanError.is(error)) return error;
    throw error;
  }
}

async function anyFit(examined: Examined): Promise<string | undefined> {
  const { env, signal } = examined;
  const { environments } = await findEnvironments({ env, workspace: process.cwd(), signal });
  for (const { spec } of environments.slice(0, mostTried)) {
    const trouble = await troubleOf(spec, examined);
    if (!(trouble instanceof SitespanError)) return formatEnvironment(spec);
  }
  return undefined;
}

function fixOf(other: string | undefined): string {
  return other === undefined
    ? 'Install dask and distributed there, or make an environment that has them; "sitespan environments" lists those there are.'
    : `Name one that has them: --environment ${other}`;
}
