import type { Remedy, SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';
import { stateOf, stateOfCode } from './states.js';

const doctor: Remedy = { command: commands.doctor, label: 'Run Doctor' };

/** Of what is no state of a cluster. */
const others: Readonly<Record<string, Remedy>> = {
  'cluster-unknown': { command: commands.newCluster, label: 'New Cluster' },
  'keeper-other-version': doctor,
  'runtime-folder-unusable': doctor,
  deadline: doctor,
};

/**
 * What a person can do about an error in a window: its own remedy, else the one for its code. Parts below the windows know
 * no commands of theirs.
 */
export function remedyOf(error: SitespanError): Remedy | undefined {
  const state = stateOfCode(error.code);
  return error.details.remedy ?? others[error.code] ?? (state === undefined ? undefined : stateOf(state).action);
}
