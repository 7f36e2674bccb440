import { stat } from 'node:fs/promises';
import { unlessAbsent } from '../../../base/systemError.js';
import { secretPlaces } from '../../../keeper/clusterSecrets.js';
import { type Check, type Finding, findEach } from '../check.js';
import { openOnes } from '../examinedCluster.js';

/** Keys, tokens and proxies are for their owner alone. */
export const secretsClosed: Check = {
  id: 'secrets-closed',
  title: 'secrets are closed to others',
  async find({ clusters }) {
    const proxies = openOnes(clusters).flatMap(({ settings }) =>
      Object.values(settings.grids).map(({ proxy }) => proxy),
    );
    const ours = await Promise.all(clusters.map(({ folder }) => secretPlaces(folder)));
    return findEach([...new Set([...ours.flat(), ...proxies])], look);
  },
};

async function look(path: string): Promise<Finding[]> {
  const found = await unlessAbsent(stat(path));
  if (found === undefined || (found.mode & 0o077) === 0) return [];
  const what = `Others may read a secret (mode 0${(found.mode & 0o777).toString(8)}).`;
  const fix = `Close it: chmod 600 ${path}. If others use this computer, make the cluster again: they may have it.`;
  return [{ severity: 'wrong', what, where: path, fix }];
}
