// Installs the VS Code of the tests and a Chromium to look at it with, once a machine, outside of the checkout.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, failureOf, runMain } from '../../../scripts/failure.mjs';
import { lock } from '../../../scripts/lock.mjs';
import { isMain, root } from '../../../scripts/paths.mjs';
import { run } from '../../../scripts/run.mjs';
import { hashOf } from '../../../scripts/stamp.mjs';
import { prepareHost } from './prepareHost.mjs';

const here = 'test/rigs/vscode';
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A server of a registry that does not answer now often does a little later. */
const pausesMs = [5000, 20_000];

/** Where VS Code is or will be: another lock, another folder. */
export function installationFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const hash = hashOf([`${here}/host`, `${here}/prepareHost.mjs`]).slice(0, 12);
  return join(cache, 'sitespan', 'rigs', `vscode-${hash}`);
}

/** The browser that shows VS Code, undefined where there is none: CHROMIUM in the environment, or the system's. */
export function findBrowser() {
  return [process.env.CHROMIUM, ...browsers].find((path) => path && existsSync(path));
}

/** Makes what is missing; does nothing where nothing is. Two at once wait for one another. */
export async function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Failure(
      `The VS Code of the tests runs on Linux x86_64 only, and this is ${process.platform} ${process.arch}; leave out --vscode here.`,
    );
  }
  const folder = installationFolder();
  const done = join(folder, 'complete');
  if (existsSync(done) && findBrowser() !== undefined) return folder;
  mkdirSync(folder, { recursive: true });
  const release = await lock(`${folder}.lock`);
  try {
    if (findBrowser() === undefined) await installBrowser();
    if (!existsSync(done)) {
      await installHost(folder);
      writeFileSync(done, '');
    }
  } finally {
    release();
  }
  return folder;
}

async function installBrowser() {
  const apt = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', '--quiet'];
  const wanted = [...apt, 'install', '--yes', '--no-install-recommends', 'chromium'];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Failure(
      `The tests in VS Code need Chromium; install it (Debian: sudo ${wanted.join(' ')}), or say in CHROMIUM where it is, and run the same command again.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const network = { server: "Debian's package server", hint: '/etc/apt/sources.list' };
  for (const command of [[...apt, 'update'], wanted]) {
    await must({ what: 'Installing chromium with apt-get', ...network }, command, { env });
  }
  if (findBrowser() === undefined) {
    throw new Failure(
      `apt-get brought no ${browsers[0]}; install a Chromium, say in CHROMIUM where it is, and run the same command again.`,
    );
  }
}

async function installHost(folder) {
  cpSync(join(root, here, 'host'), folder, { recursive: true });
  const network = { server: 'the npm registry', hint: '"npm config get registry"' };
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await must({ what: `Installing the VS Code of the tests in ${folder}`, ...network }, ['npm', 'ci', ...quiet], {
    cwd: folder,
  });
  prepareHost(folder);
}

/** Runs it again after a pause where it fails, unless that is for want of disk. */
async function must(about, [command, ...args], options) {
  for (const pauseMs of [...pausesMs, undefined]) {
    const { code, output } = await run(command, args, options);
    if (code === 0) return;
    if (pauseMs === undefined || /ENOSPC|No space left/.test(output)) throw failureOf({ ...about, output, code });
    process.stderr.write(`setup: ${about.what} failed; trying again in ${pauseMs / 1000} s.\n`);
    await sleep(pauseMs);
  }
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    process.stdout.write(`${await install()}\n`);
    return 0;
  });
}
