import type { Remedy, SitespanError } from '../base/errors.js';
import { commands } from '../ids.js';

const newCluster: Remedy = { command: commands.newCluster, label: 'New Cluster' };
const environment: Remedy = { command: commands.chooseEnvironment, label: 'Choose Environment' };
const doctor: Remedy = { command: commands.doctor, label: 'Run Doctor' };
const relay: Remedy = { command: commands.setRelay, label: 'Set Relay' };

/** Parts below the windows know no commands of theirs, so what helps is told here by an error's code. */
const remedies: Readonly<Record<string, Remedy>> = {
  'cluster-unknown': newCluster,
  'python-missing': environment,
  'environment-lacks': environment,
  'environment-too-old': environment,
  'environment-missing': environment,
  'environment-not-executable': environment,
  'environment-failed': environment,
  'environment-strange': environment,
  'environment-timeout': environment,
  'relay-unreachable': relay,
  'relay-untrusted': relay,
  'relay-stranger': relay,
  'relay-answer': relay,
  'relay-lost': relay,
  'keeper-start-failed': doctor,
  'keeper-unreachable': doctor,
  'keeper-other-version': doctor,
  'cluster-damaged': doctor,
  'runtime-folder-unusable': doctor,
  deadline: doctor,
};

/** What a person can do about an error in a window: its own remedy, else the one for its code. */
export function remedyOf(error: SitespanError): Remedy | undefined {
  return error.details.remedy ?? remedies[error.code];
}
