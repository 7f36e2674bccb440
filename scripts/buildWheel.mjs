// A wheel of a Python project in a folder. The same input gives the same bytes: hatchling takes its times from a constant.
import { readdirSync } from 'node:fs';
import { failureOf } from './failure.mjs';
import { python } from './paths.mjs';
import { run } from './run.mjs';

export const isWheel = (name) => name.endsWith('.whl');

/** Builds the wheel of `project` into `folder`, which it makes; gives its name back. */
export async function buildWheelOf(project, folder) {
  await runPython([
    ...['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check'],
    ...['--no-deps', '--no-build-isolation', '--no-index'],
    ...['--wheel-dir', folder, project],
  ]);
  return readdirSync(folder).find(isWheel);
}

/** Runs .venv's Python for a step of the build. */
export async function runPython(args) {
  const { code, output } = await run(python, args);
  if (code !== 0) {
    throw failureOf({
      what: 'Building the wheel of python/',
      server: 'the package index',
      hint: 'pip config',
      output,
      code,
    });
  }
}
