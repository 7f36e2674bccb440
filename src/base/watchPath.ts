import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Disposable } from './disposable.js';

/**
 * Tells when a file may have come, gone or changed. It need not be there, nor its folder: a file that is replaced is another
 * one, so the folder is watched, or the nearest above it that there is. Nothing is asked again and again; where folders are
 * shared, another computer's changes are not told.
 *
 * @param onError where it cannot be watched; it is called once for that and then no more
 */
export function watchPath(path: string, onChange: () => void, onError: (error: unknown) => void): Disposable {
  const folder = dirname(path);
  let watcher: FSWatcher | undefined;
  let watched: string | undefined;
  let disposed = false;

  const place = (): void => {
    const there = nearest(folder);
    if (there === watched) return;
    watcher?.close();
    watched = there;
    watcher = watch(there, { persistent: false }, (_event, name) => {
      if (disposed) return;
      // Its own name means that the folder itself has gone, though there may be another of that name by now.
      const isMoved = name === basename(there) || nearest(folder) !== there;
      if (isMoved) {
        watched = undefined;
        attempt();
      }
      if (isMoved || name === null || (there === folder && name === basename(path))) onChange();
    });
    watcher.on('error', fail);
    // What came before it was watched.
    if (nearest(folder) !== there) place();
  };
  const fail = (error: unknown): void => {
    watcher?.close();
    if (!disposed) onError(error);
  };
  const attempt = (): void => {
    try {
      place();
    } catch (error) {
      fail(error);
    }
  };

  attempt();
  return {
    dispose: () => {
      disposed = true;
      watcher?.close();
    },
  };
}

function nearest(folder: string): string {
  let one = folder;
  while (!existsSync(one) && dirname(one) !== one) one = dirname(one);
  return one;
}
