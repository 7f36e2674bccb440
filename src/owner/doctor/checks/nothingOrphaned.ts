import { basename } from 'node:path';
import { adoptKept } from '../../../base/child/kept.js';
import { SitespanError } from '../../../base/errors.js';
import { type Check, type Finding, findEach } from '../check.js';
import { type ExaminedCluster, keptFolders } from '../examinedCluster.js';

/** Nothing runs of clusters that have ended, or of folders that are none any more. */
export const nothingOrphaned: Check = {
  id: 'nothing-orphaned',
  title: 'nothing runs that belongs to no cluster',
  find: ({ clusters }) =>
    findEach(
      clusters.filter(({ ended, settings }) => ended || SitespanError.is(settings, 'cluster-unknown')),
      async (cluster) => (await Promise.all((await keptFolders(cluster)).map((path) => look(cluster, path)))).flat(),
    ),
};

async function look({ name, folder }: ExaminedCluster, path: string): Promise<Finding[]> {
  // A keeper that is just going writes the last line before its last step.
  if (path === folder.keeper) return [];
  const kept = await adoptKept(path).catch((error: unknown) => {
    if (SitespanError.is(error, 'runs-elsewhere')) return undefined;
    throw error;
  });
  if (kept === undefined) return [];
  const { pid } = kept.mark;
  const what = `A process of the cluster ${name}, which has ended, still runs (${basename(path)}, pid ${pid}).`;
  return [{ severity: 'wrong', what, where: path, fix: `End it with all it started: kill -- -${pid}` }];
}
