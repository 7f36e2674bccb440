import { dirname } from 'node:path';
import type { EnvironmentDescription } from '../environment/description.js';
import type { ClusterFolder, ClusterSettings } from './clusterFolder.js';
import { rateCurves } from './rateCurves.js';
import { hasRun, type RunFile, writeRun } from './runFiles.js';
import { type RunParts, throughputView } from './throughputView.js';
import { workerTable } from './workerTable.js';

/** A cluster as its run is looked at. */
export interface RunOfCluster extends RunParts {
  readonly folder: ClusterFolder;
  readonly settings: ClusterSettings;
  readonly environment: EnvironmentDescription | undefined;
}

const keptPoints = 300;
/** More are summed: a file of a very large cluster stays a few megabytes. */
const keptWorkers = 200;
const mostRows = 2000;

/** Keeps the run so far, whatever is in it. @returns the file */
export async function keepRun(cluster: RunOfCluster): Promise<string> {
  return writeRun(dirname(cluster.folder.path), runOf(cluster, null));
}

/**
 * Keeps the run of a cluster that ends now; not one in which nothing was done.
 *
 * A keeper that only carries an end to its end has not seen the scheduler, and knows less than what was kept before.
 */
export async function keepFinishedRun(cluster: RunOfCluster): Promise<void> {
  const state = dirname(cluster.folder.path);
  const { events, bytes } = cluster.throughput.curveTotal;
  if (events === 0 && bytes === 0 && cluster.cells.length === 0) return;
  if (cluster.scheduler === undefined && (await hasRun(state, cluster.settings.id))) return;
  await writeRun(state, runOf(cluster, Date.now() / 1000));
}

function runOf(cluster: RunOfCluster, endedAt: number | null): RunFile {
  const { settings, environment, throughput } = cluster;
  const { times, series, marks, cells, totals } = throughputView(cluster, {
    by: 'site',
    points: keptPoints,
    include: [],
  });
  const byWorker = rateCurves(throughput.curves('worker'), {
    by: 'worker',
    points: keptPoints,
    mostSeries: keptWorkers,
  });
  return {
    version: 1,
    id: settings.id,
    name: settings.name,
    begunAt: times[0] ?? Date.now() / 1000,
    endedAt,
    times,
    sites: series,
    workers: byWorker.series,
    marks,
    cells,
    // What only the scheduler told is not known any more where this keeper has not heard it; the curve is.
    totals: cluster.scheduler === undefined ? { ...totals, ...throughput.curveTotal } : totals,
    rows: workerTable(cluster).slice(-mostRows),
    ...(environment === undefined ? {} : { environment }),
  };
}
