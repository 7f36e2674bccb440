import { chmod, lstat, mkdir } from 'node:fs/promises';
import { SitespanError } from './errors.js';
import { storageTrouble } from './storageTrouble.js';
import { isSystemError } from './systemError.js';

/**
 * Makes `path` a folder that only this user can enter (0700), with its parents, or makes sure that it is one.
 *
 * A folder of ours with looser rights is tightened. A symbolic link or another's folder is refused: in a folder that all
 * may write to, such as /tmp, somebody may have made it first to read what we put there.
 *
 * @returns `path`.
 * @throws SitespanError `folder-not-private`; the storage's trouble (storageTrouble.ts).
 */
export async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // Something is there that is no folder: below.
    if (!isSystemError(error, 'EEXIST')) {
      throw storageTrouble(error, `The folder ${path} could not be made`, path) ?? error;
    }
  });
  const found = await lstat(path);
  if (!found.isDirectory()) {
    throw new SitespanError('folder-not-private', `${path} is not a folder on this computer; remove it and try again.`);
  }
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) {
    throw new SitespanError(
      'folder-not-private',
      `${path} on this computer belongs to another user (uid ${found.uid}), so secrets are not written there; ask its owner or the administrator to remove it.`,
    );
  }
  if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700);
  return path;
}
