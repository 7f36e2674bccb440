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

const closeSeconds = 20;
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

/** Those of each grid by themselves: one that does not answer must not keep the others' running. */
async function endJobs(ending: Ending): Promise<void> {
  ending.pools.hurry();
  const ends = await Promise.allSettled(ending.pools.grids.map((grid) => endJobsAt(grid, ending)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function endJobsAt(grid: string, { pools, ledger, log, record }: Ending): Promise<void> {
  const left = (): Life[] => ledger.lives.filter((life) => !life.ended && ledger.pool(life.pool)?.spec.grid === grid);
  let said = '';
  const ending = until(
    async () => {
      try {
        await pools.heal({ grid });
        await pools.killAll({ grid });
        await pools.look({ grid });
      } catch (error) {
        // A grid that does not answer now may do so before the time is up.
        if (String(error) !== said) log.warning('the jobs are not ended yet', { error });
        said = String(error);
      }
      return left().length === 0;
    },
    { timeoutMs: closeSeconds * 1000, everyMs: 200, what: `The end of the cluster's jobs at the grid ${grid}` },
  );
  await ending.catch(async (error: unknown) => {
    // Some grids take long to end a job that runs; it ends by itself, too, since its scheduler is gone.
    for (const { name, job } of left()) {
      const unsaid = job === null ? 'whether it took the job' : `that job ${job} has ended`;
      const evidence = `the cluster was closed before its grid had said ${unsaid}`;
      await record({ is: 'life', at: Date.now() / 1000, life: name, phase: 'ended', evidence });
    }
    throw error;
  });
}
