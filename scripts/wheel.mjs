// The Python side as a wheel, for a job's sandbox, and the same unpacked: on PYTHONPATH its entry points resolve.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildWheelOf, isWheel, runPython } from './buildWheel.mjs';
import { runMain } from './failure.mjs';
import { dist, isMain, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const inputs = ['python/pyproject.toml', 'python/src', 'scripts/wheel.mjs', 'scripts/buildWheel.mjs'];
const unpacked = join(dist, 'python');

export const wheel = {
  name: 'Python wheel',
  missing: () => !existsSync(unpacked) || !readdirSync(dist).some(isWheel) || !isStamped('wheel', hashOf(inputs)),
  make: buildWheel,
};

async function buildWheel() {
  const hash = hashOf(inputs);
  mkdirSync(dist, { recursive: true });
  const work = mkdtempSync(join(dist, 'wheel-'));
  try {
    const folder = join(work, 'wheel');
    const name = await buildWheelOf(join(root, 'python'), folder);
    await runPython(['-m', 'zipfile', '-e', join(folder, name), join(work, 'python')]);
    for (const old of readdirSync(dist).filter(isWheel)) rmSync(join(dist, old));
    renameSync(join(folder, name), join(dist, name));
    if (existsSync(unpacked)) renameSync(unpacked, join(work, 'old'));
    renameSync(join(work, 'python'), unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  stamp('wheel', hash);
}

if (isMain(import.meta.url)) await runMain(buildWheel);
