import type { EnvironmentDescription } from './description.js';

/** One thing in which a worker's environment is not the cluster's. `fatal`: tasks would fail or compute nonsense. */
export interface Difference {
  readonly what: string;
  readonly cluster: string;
  readonly worker: string;
  readonly fatal: boolean;
}

/** Another release joins, and then messages or graphs cannot be read: seen by trying (docs/architecture.md, "Job"). */
const sameRelease: ReadonlySet<string> = new Set(['dask', 'distributed']);

/**
 * Every difference between the cluster's environment and a worker's, the fatal ones first.
 *
 * Python's minor version is fatal because functions travel as bytecode; the first number of the other packages because
 * their pickles change with it. What the cluster itself lacks cannot be used from there, and so is not compared.
 */
export function compareEnvironments(cluster: EnvironmentDescription, worker: EnvironmentDescription): Difference[] {
  const differences: Difference[] = [];
  if (cluster.python !== worker.python) {
    differences.push({
      what: 'Python',
      cluster: cluster.python,
      worker: worker.python,
      fatal: numbers(cluster.python, 2) !== numbers(worker.python, 2),
    });
  }
  for (const [what, here] of [...Object.entries(cluster.packages), ['ROOT', cluster.root] as const]) {
    const there = what === 'ROOT' ? worker.root : (worker.packages[what] ?? null);
    if (here === null || here === there) continue;
    differences.push({
      what,
      cluster: here,
      worker: there ?? 'absent',
      fatal: isFatal(what, here, there),
    });
  }
  return differences.sort((a, b) => Number(b.fatal) - Number(a.fatal));
}

/** One sentence for the physicist: what differs, and on which side. */
export function sayDifferences(worker: string, differences: readonly Difference[]): string {
  const fatal = differences.filter((difference) => difference.fatal);
  const list = fatal.map(({ what, cluster, worker: there }) => `${what} ${there} there, ${cluster} in the cluster`);
  return `${worker} has another environment than the cluster (${list.join('; ')}); give its pool the cluster's environment, or make the cluster with that one.`;
}

function isFatal(what: string, here: string, there: string | null): boolean {
  if (sameRelease.has(what)) return true;
  // Distributed RDataFrame ships the client's Python, which calls the worker's C++ (mission.md, row 11).
  if (what === 'ROOT') return there !== null && numbers(here, 2) !== numbers(there, 2);
  return there !== null && numbers(here, 1) !== numbers(there, 1);
}

function numbers(version: string, count: number): string {
  return version.split('.').slice(0, count).join('.');
}
