import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSystemError } from './systemError.js';

/** Rights of every file of ours that is not for others. */
export const secretMode = 0o600;

/**
 * Writes a file so that every reader, also after a crash or power cut, sees all of the old or all of the new.
 *
 * It has `mode` from its first byte, so a secret is never readable by others in between.
 */
export async function writeAtomically(
  path: string,
  data: string | Uint8Array,
  mode: number = secretMode,
): Promise<void> {
  const temporary = await writeBeside(path, data, mode);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * The same, but never replaces: of two writers the first wins.
 *
 * @returns whether it was written; `false` where the file existed.
 */
export async function writeOnce(path: string, data: string | Uint8Array, mode: number = secretMode): Promise<boolean> {
  const temporary = await writeBeside(path, data, mode);
  try {
    await link(temporary, path);
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Makes renames and new names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeBeside(path: string, data: string | Uint8Array, mode: number): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(data);
    // The umask may have taken rights away that the caller asked for.
    await file.chmod(mode);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}
