import { join } from 'node:path';
import { exitOf } from '../../../base/child/kept.js';
import { SitespanError } from '../../../base/errors.js';
import { type Check, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';

/** A scheduler that has ended takes its cluster with it: another would know nothing of its tasks. */
export const schedulersRun: Check = {
  id: 'schedulers-run',
  title: 'schedulers run',
  find: ({ clusters }) =>
    findEach(openOnes(clusters), async ({ name, folder, facts }) => {
      const log = join(folder.scheduler, 'log');
      const closing = facts.find((one) => one.is === 'closing');
      if (closing !== undefined && closing.code !== 'asked') {
        const fix = `Let it end ("sitespan down ${name}"), and make it again: sitespan up ${name}. Its log is ${log}.`;
        return [{ severity: 'wrong', what: `The cluster ${name} has failed: ${closing.why}`, where: log, fix }];
      }
      const exit = await exitOf(folder.scheduler).catch((error: unknown) => {
        if (SitespanError.is(error, 'runs-elsewhere')) return undefined;
        throw error;
      });
      if (exit === undefined) return [];
      const how = exit.code === undefined ? 'was killed' : `ended with exit code ${exit.code}`;
      const what = `The scheduler of ${name} ${how}, and with it all it knew of tasks and results.`;
      const fix = `End the cluster ("sitespan down ${name}") and make it again: sitespan up ${name}. Why it ended is in ${log}.`;
      return [{ severity: 'wrong', what, where: log, fix }];
    }),
};
