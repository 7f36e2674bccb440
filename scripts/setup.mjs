// What a fresh checkout lacks, made once: Node packages, .venv, the wheels, the bundles. Nothing when nothing is missing.
import { join } from 'node:path';
import { bundles } from './build.mjs';
import { Failure, runMain } from './failure.mjs';
import { lock } from './lock.mjs';
import { nodePackages } from './nodePackages.mjs';
import { dist, isMain } from './paths.mjs';
import { pythonPackages } from './pythonPackages.mjs';
import { userWheel } from './userWheel.mjs';
import { wheel } from './wheel.mjs';

const oldestNode = [20, 18, 1];
const phases = [nodePackages, pythonPackages, wheel, bundles, userWheel];

/** Makes what is missing, one line a phase; others who want the same wait. An interrupted setup is repaired by the next. */
export async function setup() {
  requireNode(oldestNode, 'Sitespan');
  if (!phases.some((phase) => phase.missing())) return;
  const release = await lock(join(dist, 'setup.lock'));
  try {
    for (const phase of phases) {
      if (!phase.missing()) continue;
      const started = Date.now();
      if (process.stdout.isTTY) process.stdout.write(`setup: ${phase.name} …\r`);
      await phase.make();
      console.log(`setup: ${phase.name}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  } finally {
    release();
  }
}

/** @param {[number, number, number]} oldest the version to have at least. */
export function requireNode(oldest, who) {
  const have = process.versions.node.split('.').map(Number);
  const at = oldest.findIndex((number, i) => number !== have[i]);
  if (at === -1 || have[at] > oldest[at]) return;
  throw new Failure(
    `${who} needs Node ${oldest.join('.')} or newer, and ${process.execPath} is ${process.version}; install a current Node (https://nodejs.org) and run the same command again.`,
  );
}

if (isMain(import.meta.url)) await runMain(setup);
