import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runLeashed } from '../base/child/leashed.js';
import { isSystemError } from '../base/systemError.js';
import { pythonEnvironment } from '../environment/childEnvironment.js';
import type { ClusterSnapshot, ThroughputSeries } from '../keeper/api.js';

const plotMs = 60_000;

/** A folder for the results of one run, named by its start; two that start in one second get two. @returns its whole path */
export async function newRunFolder(runs: string, at: Date = new Date()): Promise<string> {
  await mkdir(runs, { recursive: true });
  const name = at.toISOString().slice(0, 19).replaceAll(':', '-');
  for (let number = 1; ; number++) {
    const path = resolve(runs, number === 1 ? name : `${name}-${number}`);
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
  }
}

export interface RunRecord {
  readonly notebook: string;
  readonly seconds: number;
  readonly phases: readonly (readonly [name: string, seconds: number])[];
  readonly snapshot: ClusterSnapshot;
  readonly series: ThroughputSeries;
}

/**
 * Writes `throughput.json` (the run's totals and series) and draws it as `throughput.png` and `.svg`.
 *
 * @returns a sentence where it could not be drawn: the run's results are there all the same
 */
export async function writeRun(
  folder: string,
  record: RunRecord,
  python: { readonly interpreter: string; readonly packageFolder: string },
): Promise<string | undefined> {
  const { snapshot, series, ...rest } = record;
  const file = join(folder, 'throughput.json');
  const { name, total, sites, samples } = snapshot;
  await writeFile(file, JSON.stringify({ cluster: name, ...rest, total, sites, samples, ...series }));
  const drawn = await runLeashed({
    command: python.interpreter,
    args: ['-m', 'sitespan.plot', file, join(folder, 'throughput'), '--title', record.notebook],
    env: pythonEnvironment(python.packageFolder, { MPLBACKEND: 'Agg' }),
    timeoutMs: plotMs,
  });
  if (drawn.exitCode === 0) return undefined;
  const said = (drawn.stdout + drawn.stderr).trim().split('\n').at(-1) ?? '';
  return `The throughput was not drawn: ${said || `exit code ${drawn.exitCode}`}; its numbers are in ${file}.`;
}
