import { endKept } from '../base/child/kept.js';
import type { Log } from '../base/log.js';
import { until } from '../base/waiting.js';
import type { ClusterFolder } from './clusterFolder.js';
import type { ClusterParts } from './clusterParts.js';
import type { Fact } from './fact.js';
import type { Ledger } from './ledger.js';
import type { PoolKeeper } from './poolKeeper.js';
import type { SiteProbes } from './siteProbes.js';
import type { Life } from './worker/life.js';

/** More than a grid's broken submission takes to settle, and a round after it (grid/grid.ts, `settleMs`). */
const closeMs = 25_000;
const endGraceMs = 5000;

export interface Ending {
  readonly folder: ClusterFolder;
  /** Absent where the cluster never got so far. */
  readonly parts: ClusterParts | undefined;
  readonly pools: PoolKeeper;
  readonly probes: SiteProbes;
  readonly ledger: Ledger;
  readonly log: Log;
  record(fact: Fact): Promise<void>;
}

/** Everything at once, each within its own limit; what cannot be ended is in the log and does not hold up the rest. */
export async function endCluster(ending: Ending): Promise<void> {
  const { parts, folder, ledger, probes, log } = ending;
  parts?.enrolServer.dispose();
  parts?.listener.dispose();
  parts?.scheduler.dispose();
  await parts?.kernels.close().catch((error: unknown) => log.error('a kernel may be left', { error }));
  // By their folders: this keeper may not have got so far as to take over what an earlier one started.
  const kept = [folder.scheduler, ...ledger.kernels.map(({ id }) => folder.kernel(id))];
  const jupyter = parts?.jupyter.end() ?? endKept(folder.jupyter, { graceMs: endGraceMs });
  const ended = kept.map((path) => endKept(path, { graceMs: endGraceMs }));
  const tasks = [endJobs(ending), probes.stop(), jupyter, ...ended];
  for (const result of await Promise.allSettled(tasks)) {
    if (result.status === 'rejected') log.error('a part could not be ended', { error: result.reason });
  }
  await endKept(folder.relay, { graceMs: endGraceMs }).catch((error: unknown) =>
    log.error('the relay could not be ended', { error }),
  );
}

type JobsEnding = Pick<Ending, 'pools' | 'ledger' | 'log' | 'record'>;

/**
 * Those of each grid by themselves: one that does not answer must not keep the others' running.
 *
 * @param timeoutMs what has not ended by then is left to itself, and what is still asked of its grid is broken off
 * @throws SitespanError `deadline` where some are left
 */
export async function endJobs(ending: JobsEnding, timeoutMs = closeMs): Promise<void> {
  ending.pools.hurry();
  const ends = await Promise.allSettled(ending.pools.grids.map((grid) => endJobsAt(grid, ending, timeoutMs)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function endJobsAt(grid: string, { pools, ledger, log, record }: JobsEnding, timeoutMs: number): Promise<void> {
  const left = (): Life[] => ledger.lives.filter((life) => !life.ended && ledger.pool(life.pool)?.spec.grid === grid);
  const over = new AbortController();
  const share = { grid, closing: true, signal: over.signal };
  const said = new Set<string>();
  // A grid that does not answer now may do so before the time is up.
  const say = (error: unknown): void => {
    if (!over.signal.aborted && !said.has(String(error))) log.warning('the jobs are not ended yet', { error });
    said.add(String(error));
  };
  const ending = until(
    async () => {
      // The known jobs first, whatever becomes of the question for others; then also those that it has found.
      for (const step of ['killAll', 'heal', 'killAll', 'look'] as const) await pools[step](share).catch(say);
      return left().length === 0;
    },
    { timeoutMs, everyMs: 200, what: `The end of the cluster's jobs at the grid ${grid}` },
  );
  await ending.catch(async (error: unknown) => {
    over.abort(error);
    // Some grids take long to end a job that runs; it ends by itself, too, since its scheduler is gone.
    for (const { name, job } of left()) {
      const unsaid = job === null ? 'whether it took the job' : `that job ${job} has ended`;
      const evidence = `the cluster was closed before its grid had said ${unsaid}`;
      await record({ is: 'life', at: Date.now() / 1000, life: name, phase: 'ended', evidence });
    }
    throw error;
  });
}
