// One setup at a time in a checkout. The lock is a file that its holder keeps touching; a holder that died does not block.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimes, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';

const touchMs = 2000;
const staleMs = 30_000;
const waitMs = 20 * 60_000;

/** Waits for the lock file `path` and takes it; the returned function gives it back. The end of the process does, too. */
export async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + waitMs;
  let told = false;
  while (!take(path)) {
    if (removeStale(path)) continue;
    if (Date.now() > deadline) {
      throw new Failure(
        `Another setup of this checkout has not ended in 20 minutes; end it, or remove ${path}, and run the same command again.`,
      );
    }
    if (!told) console.error('setup: another setup of this checkout is at work; waiting for it.');
    told = true;
    await sleep(200);
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(path, now, now, () => {});
  }, touchMs);
  touching.unref();
  const release = () => {
    clearInterval(touching);
    process.off('exit', release);
    rmSync(path, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Links a finished file into place: whoever sees the lock also sees whose it is. */
function take(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ host: hostname(), pid: process.pid }));
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeStale(path) {
  const seen = read(path);
  if (seen === undefined) return true;
  if (isHeld(path, seen)) return false;
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  // Another process may have removed the stale lock and taken a new one in between: then it is the new one that lies aside.
  if (read(aside) !== seen) linkSync(aside, path);
  rmSync(aside, { force: true });
  return true;
}

function isHeld(path, content) {
  const { host, pid } = JSON.parse(content);
  if (host === hostname() && !isRunning(pid)) return false;
  try {
    return Date.now() - statSync(path).mtimeMs < staleMs;
  } catch {
    return false;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
