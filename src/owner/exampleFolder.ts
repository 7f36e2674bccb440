import { cp, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../base/child/leashed.js';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { enter } from '../environment/enter.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { lastWords } from '../environment/lastWords.js';

const example = join('examples', 'agc-ttbar');
const makeDataMs = 600_000;

export interface ExampleData {
  readonly environment: EnvironmentSpec;
  /** Our Python package, unpacked. */
  readonly packageFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies the example analysis into a folder of the user's, laid out so that the notebook finds its data; what is there already
 * stays as it is.
 *
 * @param from the folder that has `examples/`
 * @returns the notebook
 * @throws SitespanError `example-missing`
 */
export async function copyExample(from: string, to: string): Promise<string> {
  if ((await unlessAbsent(stat(join(from, example)))) === undefined) {
    throw new SitespanError(
      'example-missing',
      `The example is not at ${join(from, example)} on this computer; install the extension again.`,
    );
  }
  await mkdir(join(to, example), { recursive: true });
  const filter = (path: string): boolean => !path.endsWith('__pycache__');
  await cp(join(from, example), join(to, example), { recursive: true, force: false, filter });
  return join(to, example, 'ttbar.ipynb');
}

/** Whether the example's data are there. */
export async function hasExampleData(to: string): Promise<boolean> {
  return (await unlessAbsent(stat(join(to, 'data', 'agc-ttbar', 'inputs.json')))) !== undefined;
}

/**
 * Makes the example's data, simulated: 38 MB, some seconds.
 *
 * @throws SitespanError `data-failed`; the signal's reason
 */
export async function makeExampleData(to: string, { environment, packageFolder, signal }: ExampleData): Promise<void> {
  const data = join(to, 'data', 'agc-ttbar');
  const program = join(to, example, 'make_data.py');
  const entered = enter(environment, packageFolder, [program, data], { folders: [to] });
  const made = await runLeashed({ ...entered, timeoutMs: makeDataMs, signal });
  if (made.exitCode === 0) return;
  throw new SitespanError(
    'data-failed',
    `The example's data could not be made in ${data}: ${lastWords(made.stderr)}; choose an environment that has awkward and uproot, and open the example again.`,
  );
}
