// node_modules, exactly as package-lock.json says.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, failureOf } from './failure.mjs';
import { root } from './paths.mjs';
import { run } from './run.mjs';

export const nodePackages = { name: 'Node packages', missing, make };

/** Compares with the list that npm leaves in node_modules as its last step: an interrupted or another installation differs. */
function missing() {
  const list = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return true;
  let installed;
  try {
    installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  } catch {
    return true;
  }
  const { '': _root, ...wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const same = (name) =>
    installed[name]?.version === wanted[name]?.version && installed[name]?.integrity === wanted[name]?.integrity;
  return (
    !Object.keys(installed).every(same) || !Object.keys(wanted).every((name) => isForeign(wanted[name]) || same(name))
  );
}

/** Optional packages are builds for other machines; of those for this one, musl's or glibc's is left to npm to choose. */
function isForeign({ optional = false, os, cpu, libc }) {
  if (!optional) return false;
  return libc !== undefined || os?.includes(process.platform) === false || cpu?.includes(process.arch) === false;
}

async function make() {
  const retries = [
    '--fetch-retries=4',
    '--fetch-retry-factor=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=10000',
  ];
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...retries]).catch(
    (error) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Failure(
        'Installing the Node packages failed because there is no npm on PATH; install it (it comes with Node; Debian: apt install npm) and run the same command again.',
      );
    },
  );
  // npm may report success on a full disk, with files cut short.
  if (code === 0 && !missing()) return;
  const { output: registry } = await run('npm', ['config', 'get', 'registry', '--loglevel=silent']);
  const server = `npm's registry ${registry.trim()}`;
  throw failureOf({ what: 'Installing the Node packages', server, hint: 'HTTPS_PROXY', output, code });
}
