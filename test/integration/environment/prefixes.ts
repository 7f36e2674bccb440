import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { python, root } from '../../rigs/cluster/clusterRig.js';

const venv = join(root, '.venv');

/** A folder whose `bin/python` and `bin/python3` have all packages of the tests, and are another prefix than theirs. */
export async function prefixIn(prefix: string): Promise<string> {
  await mkdir(join(prefix, 'bin'), { recursive: true });
  await copyFile(join(venv, 'pyvenv.cfg'), join(prefix, 'pyvenv.cfg'));
  await symlink(join(venv, 'lib'), join(prefix, 'lib'));
  for (const name of ['python', 'python3']) await symlink(python, join(prefix, 'bin', name));
  return prefix;
}

/** The same, but for the packages of those names. */
export async function prefixWithout(prefix: string, names: RegExp): Promise<string> {
  await mkdir(join(prefix, 'bin'), { recursive: true });
  await copyFile(join(venv, 'pyvenv.cfg'), join(prefix, 'pyvenv.cfg'));
  await symlink(python, join(prefix, 'bin', 'python'));
  const [version] = await readdir(join(venv, 'lib'));
  const packages = join('lib', version ?? '', 'site-packages');
  await mkdir(join(prefix, packages), { recursive: true });
  for (const name of await readdir(join(venv, packages))) {
    if (!names.test(name)) await symlink(join(venv, packages, name), join(prefix, packages, name));
  }
  return prefix;
}

/** The same as conda lays it out, with a package that has a script to be run when the prefix is entered. */
export async function condaPrefixIn(prefix: string, activate: string): Promise<string> {
  await prefixIn(prefix);
  await mkdir(join(prefix, 'conda-meta'));
  await writeFile(join(prefix, 'conda-meta', 'history'), '');
  await mkdir(join(prefix, 'etc', 'conda', 'activate.d'), { recursive: true });
  await writeFile(join(prefix, 'etc', 'conda', 'activate.d', 'package_activate.sh'), activate);
  return prefix;
}

/** An interpreter without any package. */
export async function bareVenvIn(folder: string): Promise<string> {
  const args = ['-m', 'venv', '--without-pip', folder];
  const made = await runLeashed({ command: python, args, timeoutMs: 120_000 });
  if (made.exitCode !== 0) throw new Error(`no venv was made: ${made.stderr}`);
  return join(folder, 'bin', 'python');
}

/** An interpreter that is Python 3.9 as far as anybody can ask. */
export async function oldPythonIn(path: string): Promise<string> {
  const patched = join(root, 'test', 'fixtures', 'otherPython');
  const source = `#!/bin/sh\nPYTHONPATH="$PYTHONPATH:${patched}" exec ${python} "$@"\n`;
  await writeFile(path, source, { mode: 0o755 });
  return path;
}
