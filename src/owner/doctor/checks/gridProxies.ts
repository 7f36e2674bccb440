import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { unlessAbsent } from '../../../base/systemError.js';
import { duration } from '../../duration.js';
import { type Check, type Finding, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';

const soonMs = 3_600_000;

/** What clusters submit jobs to a grid with. */
export const gridProxies: Check = {
  id: 'grid-proxies',
  title: "grids' proxies are valid",
  find: ({ clusters, now }) =>
    findEach(
      openOnes(clusters).flatMap(({ name, settings }) =>
        Object.entries(settings.grids).map(([grid, { proxy, group }]) => ({ name, grid, proxy, group })),
      ),
      async ({ name, grid, proxy, group }) =>
        look(`${name} at ${grid}`, proxy, `sitespan proxy init --group ${group}`, now),
    ),
};

async function look(whose: string, path: string, make: string, now: number): Promise<Finding[]> {
  const text = await unlessAbsent(readFile(path, 'utf8'));
  const fix = `Make a new one: ${make}`;
  if (text === undefined) {
    return [{ severity: 'wrong', what: `The proxy of ${whose} is not there.`, where: path, fix }];
  }
  let ends: number;
  try {
    ends = Date.parse(new X509Certificate(text).validTo);
  } catch {
    return [{ severity: 'wrong', what: `The proxy of ${whose} cannot be read.`, where: path, fix }];
  }
  if (ends > now + soonMs) return [];
  const over = ends <= now;
  const left = duration(Math.abs(ends - now) / 1000);
  const what = `The proxy of ${whose} ${over ? `expired ${left} ago` : `expires in ${left}`}: no job can be submitted or ended then.`;
  return [{ severity: over ? 'wrong' : 'doubtful', what, where: path, fix }];
}
