import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { adoptKept, exitOf, keptOf } from '../../../base/child/kept.js';
import { SitespanError } from '../../../base/errors.js';
import { socketPath } from '../../../base/runtimePaths.js';
import { unlessAbsent } from '../../../base/systemError.js';
import { withDeadline } from '../../../base/waiting.js';
import { type Check, type Finding, findEach } from '../check.js';
import { type OpenCluster, openOnes } from '../examinedCluster.js';

const answerMs = 5000;

/** Every cluster that has not ended is kept. */
export const keepersRun: Check = {
  id: 'keepers-run',
  title: 'keepers run and answer',
  find: ({ clusters }) => findEach(openOnes(clusters), look),
};

async function look(cluster: OpenCluster): Promise<Finding[]> {
  const { name, folder } = cluster;
  const where = folder.keeper;
  const again = `Look at it, which starts its keeper again: sitespan status ${name}`;
  try {
    if ((await adoptKept(folder.keeper)) !== undefined) return await silent(cluster);
  } catch (error) {
    if (!SitespanError.is(error, 'runs-elsewhere')) throw error;
    return [{ severity: 'doubtful', what: error.message, where, fix: 'Use it where it runs.' }];
  }
  if ((await keptOf(folder.keeper)) === undefined) {
    return [{ severity: 'doubtful', what: `The cluster ${name} was made and never started.`, where, fix: again }];
  }
  const exit = await exitOf(folder.keeper);
  if (exit?.code === undefined) {
    const what = `The keeper of ${name} was killed, with what would have started it again; its workers and kernels go on, and nobody replaces those that end.`;
    return [{ severity: 'wrong', what, where, fix: again }];
  }
  const what = `The keeper of ${name} has ended again and again, and was given up. It said: ${await lastWords(folder.keeper)}`;
  const fix = `Mend what it says, then start it again: sitespan status ${name}. Its log is ${join(where, 'log')}.`;
  return [{ severity: 'wrong', what, where, fix }];
}

/** One that runs and cannot be spoken to is being started again and again, or hangs. */
async function silent({ name, folder }: OpenCluster): Promise<Finding[]> {
  const path = await socketPath(folder.path);
  try {
    await withDeadline((signal) => connected(path, signal), { timeoutMs: answerMs, what: 'The answer' });
    return [];
  } catch {
    const what = `The keeper of ${name} runs and does not answer. It said last: ${await lastWords(folder.keeper)}`;
    const fix = `If it is not starting just now, end it, and look at the cluster again: sitespan status ${name}. Its log is ${join(folder.keeper, 'log')}.`;
    return [{ severity: 'wrong', what, where: path, fix }];
  }
}

function connected(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

async function lastWords(keeper: string): Promise<string> {
  const lines = ((await unlessAbsent(readFile(join(keeper, 'log'), 'utf8'))) ?? '').trimEnd().split('\n');
  const said =
    lines.findLast((line) => line.startsWith('sitespan: '))?.slice('sitespan: '.length) ?? lines.at(-1) ?? '';
  return said === '' ? 'nothing.' : said.slice(0, 500);
}
