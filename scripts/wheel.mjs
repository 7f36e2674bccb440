// The Python side as a wheel, for a job's sandbox, and the same unpacked: on PYTHONPATH its entry points resolve.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, runMain } from './failure.mjs';
import { dist, isMain, python, root } from './paths.mjs';
import { run } from './run.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const inputs = ['python/pyproject.toml', 'python/src', 'scripts/wheel.mjs'];
const unpacked = join(dist, 'python');
const isWheel = (name) => name.endsWith('.whl');

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
    await must([
      '-m',
      'pip',
      'wheel',
      '--quiet',
      '--no-deps',
      '--no-build-isolation',
      '--no-index',
      '--wheel-dir',
      folder,
      join(root, 'python'),
    ]);
    const [name] = readdirSync(folder);
    await must(['-m', 'zipfile', '-e', join(folder, name), join(work, 'python')]);
    for (const old of readdirSync(dist).filter(isWheel)) rmSync(join(dist, old));
    renameSync(join(folder, name), join(dist, name));
    if (existsSync(unpacked)) renameSync(unpacked, join(work, 'old'));
    renameSync(join(work, 'python'), unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  stamp('wheel', hash);
}

async function must(args) {
  const { code, output } = await run(python, args);
  if (code !== 0) {
    throw failureOf({
      what: 'Building the wheel of python/',
      server: 'the package index',
      hint: 'pip config',
      output,
      code,
    });
  }
}

if (isMain(import.meta.url)) await runMain(buildWheel);
