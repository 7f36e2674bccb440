import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../../base/systemError.js';
import { writeOnce } from '../../base/writeAtomically.js';

/** Notices are of things that end within days. */
const forgottenMs = 30 * 86_400_000;

/**
 * Claims a notice for one of several windows: the first that asks has it, and no later one, also after a reload.
 *
 * @param folder which the windows share
 * @returns whether it is ours
 */
export async function claimNotice(folder: string, notice: string): Promise<boolean> {
  const own = join(folder, 'notices');
  await mkdir(own, { recursive: true, mode: 0o700 });
  await forgetOld(own);
  return writeOnce(join(own, createHash('sha256').update(notice).digest('hex').slice(0, 32)), `${notice}\n`);
}

async function forgetOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await unlessAbsent(stat(path));
    if (found !== undefined && Date.now() - found.mtimeMs > forgottenMs) await rm(path, { force: true });
  }
}
