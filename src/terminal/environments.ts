import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { compareEnvironments } from '../environment/compare.js';
import { describeEnvironment } from '../environment/describe.js';
import type { EnvironmentDescription } from '../environment/description.js';
import type { FoundEnvironment } from '../environment/find/candidate.js';
import { findEnvironments } from '../environment/find/find.js';
import { unfitness } from '../environment/fitness.js';
import { formatEnvironment, parseEnvironment } from '../environment/parseEnvironment.js';
import { calls } from '../keeper/api.js';
import { KeeperClient } from '../keeper/client.js';
import { findCluster } from '../keeper/clusters.js';
import { bundleFolder } from './bundleFolder.js';
import { print } from './print.js';
import { table } from './table.js';

/** How many are asked at once: each start of a Python keeps a core and a disk busy. */
const atOnce = 3;

interface Row extends FoundEnvironment, Verdict {
  readonly has: EnvironmentDescription | undefined;
}

interface Verdict {
  /** A whole sentence where it cannot be used. */
  readonly verdict: string;
  /** The verdict for a column. */
  readonly short: string;
  readonly good: boolean;
}

/** `sitespan environments`. @returns the exit code: 0, or 1 when environments were named and one of them cannot be used, or 130 after Ctrl-C */
export async function runEnvironments(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean' }, cluster: { type: 'string' } },
    allowPositionals: true,
  });
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new SitespanError('stopped', 'Stopped.'));
  process.once('SIGINT', stop);
  try {
    const cluster = values.cluster === undefined ? undefined : await environmentOfCluster(values.cluster);
    const named = positionals.map((text) => ({ spec: parseEnvironment(text), label: text }));
    const { environments, silent, containerRuntime } =
      named.length > 0
        ? { environments: named, silent: [], containerRuntime: undefined }
        : await findEnvironments({ workspace: process.cwd(), signal: stopped.signal });
    const rows = await lookAt(environments, cluster, stopped.signal);
    if (values.json) print(JSON.stringify({ environments: rows.map(asJson), silent, containerRuntime }, null, 2));
    else show(rows, silent);
    return named.length > 0 && rows.some(({ good }) => !good) ? 1 : 0;
  } catch (error) {
    if (SitespanError.is(error, 'stopped')) return 130;
    throw error;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

/** All of them in their order, a few at a time. */
async function lookAt(
  environments: readonly FoundEnvironment[],
  cluster: EnvironmentDescription | undefined,
  signal: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < environments.length; index = next++) {
      const found = environments[index];
      if (found !== undefined) rows[index] = await rowOf(found, cluster, signal);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return rows;
}

async function rowOf(
  found: FoundEnvironment,
  cluster: EnvironmentDescription | undefined,
  signal: AbortSignal,
): Promise<Row> {
  try {
    const has = await describeEnvironment(found.spec, packageFolder(), { signal });
    return { ...found, has, ...verdictOf(formatEnvironment(found.spec), has, cluster) };
  } catch (error) {
    if (!SitespanError.is(error) || error.code === 'stopped') throw error;
    return { ...found, has: undefined, ...refusal(error) };
  }
}

function verdictOf(name: string, has: EnvironmentDescription, cluster: EnvironmentDescription | undefined): Verdict {
  const unfit = unfitness(name, has, 'cluster');
  if (unfit !== undefined) return refusal(unfit);
  if (cluster === undefined) {
    const noNotebook = unfitness(name, has, 'kernel') !== undefined;
    const verdict = noNotebook ? 'good for workers; no ipykernel for notebooks' : 'good';
    return { verdict, short: verdict, good: true };
  }
  const differences = compareEnvironments(cluster, has);
  const fatal = differences.filter((difference) => difference.fatal);
  const said = (fatal.length > 0 ? fatal : differences)
    .map(({ what, cluster: here, worker }) => `${what} ${worker}, the cluster's is ${here}`)
    .join('; ');
  if (fatal.length > 0) return { verdict: `does not fit: ${said}`, short: 'does not fit', good: false };
  if (differences.length === 0) return { verdict: 'fits', short: 'fits', good: true };
  return { verdict: `fits, with differences: ${said}`, short: 'fits, with differences', good: true };
}

function refusal({ code, message }: SitespanError): Verdict {
  const words: Readonly<Record<string, string>> = {
    'environment-lacks': 'lacks packages',
    'environment-too-old': 'too old',
    'environment-missing': 'not there',
    'environment-timeout': 'too slow',
  };
  return { verdict: message, short: words[code] ?? 'cannot be used', good: false };
}

async function environmentOfCluster(name: string): Promise<EnvironmentDescription> {
  const client = await KeeperClient.connect(await findCluster(name), (error) => {
    throw error;
  });
  try {
    const { environment } = await client.call(calls.clusterState, {});
    if (environment !== undefined) return environment;
  } finally {
    client.dispose();
  }
  throw new SitespanError(
    'environment-unknown',
    `The cluster ${name} has not said yet what its environment has; wait until its scheduler has started ("sitespan status ${name}").`,
  );
}

function show(rows: readonly Row[], silent: readonly string[]): void {
  if (rows.length === 0) print('There is no Python environment on this computer that could be found.');
  const head = ['environment', 'Python', 'dask', 'distributed', 'coffea', 'ROOT', 'verdict'];
  const cells = rows.map(({ label, has, short }) => [
    label,
    has?.python ?? '-',
    ...['dask', 'distributed', 'coffea'].map((name) => has?.packages[name] ?? '-'),
    has?.root ?? '-',
    short,
  ]);
  if (rows.length > 0)
    for (const line of table(
      [head, ...cells],
      head.map(() => 'left' as const),
    ))
      print(line);
  print('');
  for (const { label, spec, short, verdict } of rows) {
    print(`${label}: ${formatEnvironment(spec)}`);
    if (verdict !== short) print(`  ${verdict}`);
  }
  for (const place of silent)
    print(`Looking at ${place} took too long and was given up; what is there is not in this list.`);
}

function asJson({ label, spec, has, verdict, good }: Row): object {
  return { label, environment: formatEnvironment(spec), spec, good, verdict, has: has ?? null };
}

/** Our package lies beside the program. */
function packageFolder(): string {
  return join(bundleFolder(), 'python');
}
