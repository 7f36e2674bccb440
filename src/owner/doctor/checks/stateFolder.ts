import { access, constants, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { storageTrouble } from '../../../base/storageTrouble.js';
import { isSystemError, unlessAbsent } from '../../../base/systemError.js';
import type { Check, Finding } from '../check.js';

/** Where clusters lie: a folder of this user's alone that can be written. */
export const stateFolder: Check = {
  id: 'state-folder',
  title: 'the folder of clusters is yours alone and can be written',
  async find({ state }) {
    const found = await lstat(state).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ENOTDIR')) return undefined;
      throw error;
    });
    if (found === undefined) return cannotBeMade(state);
    if (!found.isDirectory()) {
      return [wrong('Clusters lie in a folder, and this is none.', state, `Remove it: rm ${state}`)];
    }
    const uid = process.getuid?.();
    if (uid !== undefined && found.uid !== uid) {
      const what = `The folder of clusters belongs to another user (uid ${found.uid}), so secrets are not written there.`;
      return [wrong(what, state, 'Ask its owner to remove it, or set XDG_STATE_HOME to a folder of yours.')];
    }
    if ((found.mode & 0o077) !== 0) {
      const what = `Others may look into the folder of clusters (mode 0${(found.mode & 0o777).toString(8)}), where secrets lie.`;
      return [wrong(what, state, `Close it: chmod 700 ${state}`)];
    }
    return unwritable(state, state);
  },
};

/** Its first parent that there is decides. */
async function cannotBeMade(state: string): Promise<Finding[]> {
  for (let parent = dirname(state); ; parent = dirname(parent)) {
    const found = await unlessAbsent(lstat(parent)).catch(() => undefined);
    if (found === undefined && parent !== dirname(parent)) continue;
    if (found?.isFile()) {
      const fix = `Remove ${parent}, or set XDG_STATE_HOME to a folder of yours.`;
      return [wrong('The folder of clusters cannot be made: a file is in its way.', parent, fix)];
    }
    return unwritable(parent, state);
  }
}

async function unwritable(folder: string, state: string): Promise<Finding[]> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const what = storageTrouble(error, 'Clusters cannot be made or go on', folder)?.message ?? String(error);
    return [wrong(what, state, 'Make it writable, or set XDG_STATE_HOME to a folder that is.')];
  }
}

function wrong(what: string, where: string, fix: string): Finding {
  return { severity: 'wrong', what, where, fix };
}
