import { homedir, machine } from 'node:os';
import { SitespanError } from '../../base/errors.js';
import { withDeadline } from '../../base/waiting.js';
import type { Candidate, FoundEnvironment } from './candidate.js';
import {
  containerRuntime,
  ofActivated,
  ofConda,
  ofContainers,
  ofCvmfsViews,
  ofPath,
  ofPyenv,
  ofWorkspace,
  type Surroundings,
} from './sources.js';

export interface FindOptions extends Partial<Surroundings> {
  /** Each kind of place gets so long; 5 s unless told otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Findings {
  /** The likeliest first; none twice. */
  readonly environments: readonly FoundEnvironment[];
  /** Places that did not answer in time, e.g. a file server that hangs. */
  readonly silent: readonly string[];
  /** What containers are entered with: the path of apptainer or singularity. */
  readonly containerRuntime: string | undefined;
}

/** In the order of likelihood: who has activated an environment, or lies beside the notebook, is meant. */
const sources: readonly (readonly [string, (around: Surroundings) => Promise<readonly (Candidate | undefined)[]>])[] = [
  ['the activated environments', ofActivated],
  ['the workspace', ofWorkspace],
  ['PATH', ofPath],
  ['conda', ofConda],
  ['pyenv', ofPyenv],
  ['the views of CVMFS', ofCvmfsViews],
  ['the containers of CVMFS', ofContainers],
];

/**
 * The environments of this computer, by looking at folders: nothing is started, so what one has is for `describeEnvironment`
 * to ask.
 *
 * @throws the signal's reason when aborted
 */
export async function findEnvironments(options: FindOptions = {}): Promise<Findings> {
  const { timeoutMs = 5000, signal, env = process.env, home = homeOf(env), workspace = undefined } = options;
  const around: Surroundings = {
    ...{ env, home, workspace },
    cvmfs: options.cvmfs ?? '/cvmfs',
    machine: options.machine ?? machine(),
  };
  const silent: string[] = [];
  const found = await Promise.all(
    sources.map(async ([what, look]) => {
      try {
        return await withDeadline(() => look(around), { timeoutMs, what, signal });
      } catch (error) {
        if (!SitespanError.is(error, 'deadline')) throw error;
        silent.push(what);
        return [];
      }
    }),
  );
  const byIdentity = new Map<string, FoundEnvironment>();
  for (const candidate of found.flat()) {
    if (candidate === undefined || byIdentity.has(candidate.identity)) continue;
    byIdentity.set(candidate.identity, { spec: candidate.spec, label: candidate.label });
  }
  return { environments: [...byIdentity.values()], silent, containerRuntime: await containerRuntime(env) };
}

function homeOf(env: Surroundings['env']): string {
  return env['HOME'] || homedir();
}
