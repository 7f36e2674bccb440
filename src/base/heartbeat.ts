import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from './systemError.js';
import { secretMode } from './writeAtomically.js';

/**
 * How somebody shows that they live to those who cannot see their processes: computers and containers that share a home
 * and have the same host name. The time of a file says it; it is renewed every few seconds.
 */

/** So long after its last beat somebody counts as dead; file servers show a time late, and computers pause. */
export const silenceMs = 180_000;

/** Whether the file at `path` was renewed lately, by the clock of the file server it lies on. */
export async function beatsLately(path: string): Promise<boolean> {
  const found = await unlessAbsent(stat(path));
  return found !== undefined && (await fileServerNow(path)) - found.mtimeMs < silenceMs;
}

/** Renews the time of `path`, if it is there. */
export async function beat(path: string): Promise<void> {
  const now = await fileServerNow(path);
  await unlessAbsent(utimes(path, now / 1000, now / 1000));
}

/** This computer's clock may differ from that of the file server; both times must be of one clock. */
async function fileServerNow(path: string): Promise<number> {
  const probe = join(path, '..', '.now');
  try {
    await writeFile(probe, '.', { mode: secretMode });
    return (await stat(probe)).mtimeMs;
  } catch {
    // Full or read-only: our own clock must do.
    return Date.now();
  }
}
