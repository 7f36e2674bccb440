// The wheel that users install: the package with all that a cluster is born with (sitespan/bundle/): the program that keeps
// it, and the lean wheel, packed for jobs and unpacked for scheduler and kernels. The lean one does not hold itself.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundles } from './build.mjs';
import { buildWheelOf, isWheel } from './buildWheel.mjs';
import { runMain } from './failure.mjs';
import { dist, isMain, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { wheel } from './wheel.mjs';

const folder = join(dist, 'pypi');
const madeBefore = ['dist/wheel.stamp', 'dist/bundles.stamp'];
const inputs = [...madeBefore, 'scripts/userWheel.mjs', 'scripts/buildWheel.mjs'];

export const userWheel = {
  name: 'wheel for users',
  missing: () =>
    !madeBefore.every((path) => existsSync(join(root, path))) ||
    !existsSync(folder) ||
    !readdirSync(folder).some(isWheel) ||
    !isStamped('user-wheel', hashOf(inputs)),
  make: buildUserWheel,
};

async function buildUserWheel() {
  const hash = hashOf(inputs);
  const work = mkdtempSync(join(dist, 'user-wheel-'));
  try {
    const copy = (from, to) =>
      cpSync(from, join(work, 'project', to), { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
    copy(join(root, 'python', 'pyproject.toml'), 'pyproject.toml');
    copy(join(root, 'python', 'src'), 'src');
    for (const name of readdirSync(dist)) {
      if (name === 'cli.mjs' || name === 'python' || isWheel(name)) {
        copy(join(dist, name), join('src', 'sitespan', 'bundle', name));
      }
    }
    const name = await buildWheelOf(join(work, 'project'), join(work, 'wheel'));
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).filter(isWheel)) rmSync(join(folder, old));
    renameSync(join(work, 'wheel', name), join(folder, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  stamp('user-wheel', hash);
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    for (const part of [wheel, bundles]) if (part.missing()) await part.make();
    await buildUserWheel();
  });
}
