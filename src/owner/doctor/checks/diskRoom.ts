import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from '../../../base/systemError.js';
import { size } from '../../units.js';
import type { Check } from '../check.js';

/** Journals, logs and a cluster's own copy of our code. */
const neededBytes = 50_000_000;
const comfortableBytes = 500_000_000;

export const diskRoom: Check = {
  id: 'disk-room',
  title: 'there is room on the disk of clusters',
  async find({ state }) {
    const { bavail, bsize, ffree, files } = await nearest(state);
    const free = bavail * bsize;
    const noFiles = files > 0 && ffree === 0;
    if (free >= comfortableBytes && !noFiles) return [];
    const left = noFiles ? 'no more files' : `${size(free)} left`;
    return [
      {
        severity: free < neededBytes || noFiles ? 'wrong' : 'doubtful',
        what: `The disk of clusters has ${left}: a cluster whose journal cannot be written asks for nothing any more.`,
        where: state,
        fix: `Make room there ("du -sh ${state}/.ended" shows what ended clusters' logs take), or set XDG_STATE_HOME to a larger disk.`,
      },
    ];
  },
};

/** Of the folder, or the first parent that there is. */
async function nearest(path: string): Promise<StatsFs> {
  for (let at = path; ; at = dirname(at)) {
    try {
      return await statfs(at);
    } catch (error) {
      const absent = isSystemError(error, 'ENOENT') || isSystemError(error, 'ENOTDIR');
      if (!absent || at === dirname(at)) throw error;
    }
  }
}
