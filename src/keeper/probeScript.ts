import { join } from 'node:path';
import { privateFolder } from '../base/privateFolder.js';
import { writeAtomically } from '../base/writeAtomically.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { enteringScript } from './worker/enteringScript.js';
import { copyWheel } from './worker/wheel.js';

/** The file of a probe's sandbox that its job runs. */
export const probeFile = 'probe.sh';

/** What the node itself tells, whatever becomes of the environment. */
const lookAround = `say() { printf 'sitespan-probe %s=%s\\n' "$1" "$2"; }
say host "$(uname -n)"
say system "$(uname -sm)"
[ -d /cvmfs ] && say cvmfs yes
runtime=$(command -v apptainer || command -v singularity) && say containers "$runtime"
`;

/**
 * Writes what a probe's job carries: it says what a worker would find, a line a fact (`sitespan-probe name=value`), and ends.
 * It enters the environment of the pools there just as they would, and carries nothing of the cluster's but our wheel.
 */
export async function writeProbe(folder: string, bundle: string, environment: EnvironmentSpec): Promise<void> {
  await privateFolder(folder);
  const wheel = await copyWheel(bundle, folder);
  const words = '-m sitespan.probe "$SITESPAN_PROBE_RELAY"';
  const script = enteringScript({ file: probeFile, wheel, environment, before: lookAround, words });
  await writeAtomically(join(folder, probeFile), script, 0o700);
}

/** The facts in what a probe has written. */
export function probeFacts(output: string): Record<string, string> {
  const lines = [...output.matchAll(/^sitespan-probe (\w+)=(.+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value.trim()]));
}
