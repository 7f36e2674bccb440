import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { adoptKept, exitOf } from '../../../base/child/kept.js';
import { SitespanError } from '../../../base/errors.js';
import { unlessAbsent } from '../../../base/systemError.js';
import { type Check, type Finding, findEach } from '../check.js';
import { type OpenCluster, openOnes } from '../examinedCluster.js';

const job = z.object({ mark: z.string() });

/** Jobs of this computer that carry our mark are those that a journal names. Others are told of, never ended unasked. */
export const jobsKnown: Check = {
  id: 'jobs-known',
  title: 'every job is in a journal',
  find: ({ clusters }) =>
    findEach(openOnes(clusters), async (cluster) => {
      const jobs = join(cluster.folder.local, 'jobs');
      const ids = ((await unlessAbsent(readdir(jobs))) ?? []).filter((id) => /^\d+$/.test(id));
      return (await Promise.all(ids.map((id) => look(cluster, id, join(jobs, id))))).flat();
    }),
};

async function look({ name, folder, facts }: OpenCluster, id: string, path: string): Promise<Finding[]> {
  const text = await unlessAbsent(readFile(join(path, 'job.json'), 'utf8'));
  const mark = text === undefined ? undefined : markIn(text);
  if (mark === undefined || facts.some((one) => one.is === 'intent' && one.mark === mark)) return [];
  const running = await adoptKept(path).catch((error: unknown) => {
    if (SitespanError.is(error, 'runs-elsewhere')) return undefined;
    throw error;
  });
  if (running === undefined && (await exitOf(path).catch(() => undefined)) !== undefined) return [];
  const what = `Job ${id} of this computer has the mark ${mark}, which the journal of ${name} does not name: as after a journal was put back from a copy.`;
  const fix =
    running === undefined
      ? `It waits for a slot still; take it away: rm -r ${path}`
      : `End it, if nobody needs it: kill -- -${running.mark.pid}`;
  return [{ severity: 'doubtful', what, where: `${folder.path}, job ${id}`, fix }];
}

function markIn(text: string): string | undefined {
  try {
    return job.parse(JSON.parse(text)).mark;
  } catch {
    // Torn by a crash: its grid never took it.
    return undefined;
  }
}
