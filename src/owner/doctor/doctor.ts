import { setMaxListeners } from 'node:events';
import { SitespanError } from '../../base/errors.js';
import { statePath } from '../../base/runtimePaths.js';
import { withDeadline } from '../../base/waiting.js';
import type { EnvironmentSpec } from '../../environment/environmentSpec.js';
import type { Check, Examined, Finding } from './check.js';
import { certificatesValid } from './checks/certificatesValid.js';
import { clocksAgree } from './checks/clocksAgree.js';
import { clusterEnvironments } from './checks/clusterEnvironments.js';
import { clustersReadable } from './checks/clustersReadable.js';
import { diskRoom } from './checks/diskRoom.js';
import { gridProxies } from './checks/gridProxies.js';
import { jobsKnown } from './checks/jobsKnown.js';
import { keepersRun } from './checks/keepersRun.js';
import { nodeVersion } from './checks/nodeVersion.js';
import { nothingOrphaned } from './checks/nothingOrphaned.js';
import { pythonFits } from './checks/pythonFits.js';
import { relayCertificates } from './checks/relayCertificates.js';
import { relaysAnswer } from './checks/relaysAnswer.js';
import { runtimeFolder } from './checks/runtimeFolder.js';
import { schedulersRun } from './checks/schedulersRun.js';
import { secretsClosed } from './checks/secretsClosed.js';
import { socketPath } from './checks/socketPath.js';
import { stateFolder } from './checks/stateFolder.js';
import { examineClusters } from './examinedCluster.js';

/** What the doctor looks at, in the order it is told. */
export const checks: readonly Check[] = [
  nodeVersion,
  stateFolder,
  diskRoom,
  runtimeFolder,
  socketPath,
  pythonFits,
  clustersReadable,
  clusterEnvironments,
  keepersRun,
  relaysAnswer,
  clocksAgree,
  schedulersRun,
  certificatesValid,
  relayCertificates,
  gridProxies,
  secretsClosed,
  nothingOrphaned,
  jobsKnown,
];

/** Entering an environment on a slow file server takes longest. */
const checkMs = 120_000;

export interface Visit {
  /** Only this cluster, and what all need. */
  readonly cluster?: string | undefined;
  /** The folder with our wheel and unpacked package. */
  readonly bundle: string;
  readonly environment?: EnvironmentSpec | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One check, and what it has found: nothing is well. */
export interface Checked {
  readonly check: Pick<Check, 'id' | 'title'>;
  readonly findings: readonly Finding[];
}

export interface Diagnosis {
  readonly examined: Examined;
  readonly checked: readonly Checked[];
}

/**
 * Looks for what is wrong on this computer and with its clusters. Nothing is started, changed or ended.
 *
 * @throws SitespanError `cluster-unknown` for one that was named; the signal's reason
 */
export async function diagnose(visit: Visit): Promise<Diagnosis> {
  const { cluster, bundle, environment, signal } = visit;
  const state = statePath();
  // Each check listens to it, and that many are no leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  const all = await examineClusters(state);
  const clusters = cluster === undefined ? all : all.filter(({ name }) => name === cluster);
  if (cluster !== undefined && clusters.length === 0) {
    throw new SitespanError('cluster-unknown', `There is no cluster ${cluster} in ${state} on this computer.`);
  }
  const now = Date.now();
  const examined: Examined = {
    ...{ env: process.env, state, clusters, bundle, environment, nodeVersion: process.version, now, signal },
  };
  return { examined, checked: await Promise.all(checks.map((check) => make(check, examined))) };
}

/** A check that cannot be made hides none of the others. */
async function make({ id, title, find }: Check, examined: Examined): Promise<Checked> {
  const check = { id, title };
  const deadline = { timeoutMs: checkMs, what: `Whether ${title}`, signal: examined.signal };
  try {
    return { check, findings: await withDeadline(() => find(examined), deadline) };
  } catch (error) {
    examined.signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    const what = `It could not be found out whether ${title}: ${why}`;
    const fix = 'Mend what the sentence says, and ask again.';
    return { check, findings: [{ severity: 'wrong', what, where: examined.state, fix }] };
  }
}
