// Installs a real DIRAC server and MariaDB for the tests that need a grid, once a machine, outside of the checkout.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure, failureOf, runMain } from '../../../scripts/failure.mjs';
import { lock } from '../../../scripts/lock.mjs';
import { isMain } from '../../../scripts/paths.mjs';
import { run } from '../../../scripts/run.mjs';
import { hashOf } from '../../../scripts/stamp.mjs';

const diracVersion = '8.0.86';
const here = 'test/rigs/dirac';

/**
 * Debian's packages, by a file that each brings. Only MariaDB's `core`: no database of the system's own is set up or started.
 * Then what DIRAC's packages are compiled with here, and the tools that users of grids look at proxies with.
 */
const debian = {
  '/usr/sbin/mariadbd': 'mariadb-server-core',
  '/usr/bin/mariadb': 'mariadb-client-core',
  '/usr/bin/mariadb_config': 'libmariadb-dev',
  '/usr/bin/pkg-config': 'pkg-config',
  '/usr/bin/swig': 'swig',
  '/usr/bin/gcc': 'gcc',
  '/usr/bin/g++': 'g++',
  '/usr/bin/openssl': 'openssl',
  '/usr/include/openssl/ssl.h': 'libssl-dev',
  '/usr/bin/voms-proxy-info': 'voms-clients',
  '/usr/bin/grid-proxy-info': 'globus-proxy-utils',
};

/** Where DIRAC is or will be: another lock, another folder. */
export function installationFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const hash = hashOf([`${here}/requirements.lock`, `${here}/adapt_tornado.py`]).slice(0, 12);
  return join(cache, 'sitespan', 'rigs', `dirac-${diracVersion}-${hash}`);
}

/** Makes what is missing; does nothing where nothing is. Two at once wait for one another. */
export async function install() {
  const folder = installationFolder();
  const done = join(folder, 'complete');
  if (existsSync(done) && missingPackages().length === 0) return folder;
  mkdirSync(folder, { recursive: true });
  const release = await lock(`${folder}.lock`);
  try {
    await installPackages(missingPackages());
    if (!existsSync(done)) {
      await installDirac(folder);
      writeFileSync(done, `${diracVersion}\n`);
    }
  } finally {
    release();
  }
  return folder;
}

function missingPackages() {
  return Object.entries(debian).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
}

async function installPackages(packages) {
  if (packages.length === 0) return;
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '--quiet'];
  const install = [...apt, 'install', '--yes', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0) {
    throw new Failure(
      `The DIRAC of the tests needs ${packages.join(', ')}; install them (Debian: sudo ${install.join(' ')}) and run the same command again.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of [[...apt, 'update'], install]) {
    const what = `Installing ${packages.join(', ')} with apt-get`;
    await must(what, "Debian's package server", '/etc/apt/sources.list', command, env);
  }
}

async function installDirac(folder) {
  const venv = join(folder, 'venv');
  const python = join(venv, 'bin', 'python');
  rmSync(venv, { recursive: true, force: true });
  const { PYTHONPATH: _path, PYTHONHOME: _home, ...env } = process.env;
  const pip = (...args) => [python, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', ...args];
  const server = `the Python package index ${process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple'}`;
  for (const command of [
    // A job of DIRAC's resolves the links in its interpreter's path, and would leave the environment by them.
    ['python3', '-m', 'venv', '--copies', venv],
    pip('wheel'),
    pip('-r', `${here}/requirements.lock`),
    // The lock is what DIRAC's server imports here; what else it asks for (gfal2, Rucio, CWL) moves data, and is not built here.
    pip('--no-deps', `DIRAC==${diracVersion}`),
    [python, `${here}/adapt_tornado.py`],
  ]) {
    await must(`Installing DIRAC ${diracVersion} in ${venv}`, server, 'HTTPS_PROXY', command, env);
  }
}

async function must(what, server, hint, [command, ...args], env) {
  const { code, output } = await run(command, args, { env });
  if (code !== 0) throw failureOf({ what, server, hint, output, code });
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    process.stdout.write(`${await install()}\n`);
    return 0;
  });
}
