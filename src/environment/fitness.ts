import { SitespanError } from '../base/errors.js';
import type { EnvironmentDescription } from './description.js';

/** What an environment is wanted for. */
export type Purpose = 'cluster' | 'kernel' | 'jupyter';

/** Our Python package's `requires-python`; a test holds the two together. */
export const oldestPython: readonly [number, number] = [3, 10];

const needed: Readonly<Record<Purpose, readonly string[]>> = {
  cluster: ['dask', 'distributed'],
  kernel: ['distributed', 'ipykernel', 'jupyter_client'],
  jupyter: ['jupyter_server', 'ipykernel'],
};

/** Why an environment cannot be used for that, with what to do; undefined where it can. Codes `environment-too-old`, `environment-lacks`. */
export function unfitness(name: string, has: EnvironmentDescription, purpose: Purpose): SitespanError | undefined {
  const [major = 0, minor = 0] = has.python.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestPython;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return new SitespanError(
      'environment-too-old',
      `The environment ${name} on this computer has Python ${has.python}, which is too old; give one with Python ${oldestPython.join('.')} or newer.`,
    );
  }
  const missing = needed[purpose].filter((item) => (has.packages[item] ?? has.notebook?.[item] ?? null) === null);
  if (missing.length === 0) return undefined;
  return new SitespanError(
    'environment-lacks',
    `The environment ${name} on this computer has no ${missing.join(' and no ')}; install it there (${has.executable} -m pip install ${missing.join(' ')}), or choose another environment.`,
  );
}
