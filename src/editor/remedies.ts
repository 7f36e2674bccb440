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

/** Where a window has what a command of the terminal does: by the titles of its commands, and its views; two words before one. */
export const insteadOfTerminal: Readonly<Record<string, string>> = {
  up: '"New Cluster"',
  down: '"Close Cluster"',
  list: 'the view "Clusters"',
  status: 'the view "Clusters"',
  scale: '"Scale Workers"',
  adapt: '"Set Adaptive Scaling"',
  run: '"Run Notebook on Cluster"',
  logs: '"Show Worker Log"',
  why: '"Why Is It Not Here?"',
  kill: '"Kill Worker"',
  'stop-everything': '"Stop Everything"',
  proxy: '"Initialise Proxy"',
  'proxy info': '"Proxy Info"',
  'proxy destroy': '"Destroy Proxy"',
  grid: '"Add Grid"',
  'grid check': '"Check Grid"',
  'grid remove': '"Remove Grid"',
  sites: 'the view "Sites"',
  probe: '"Probe Sites"',
  doctor: '"Doctor"',
  environments: '"Choose Environment"',
};

/** `"sitespan logs ttbar main-1"`; without the quotes, up to the name that it is for. */
const inTerminal = /"sitespan ([a-z-]+)(?: ([a-z-]+))?[^"\n]*"|\bsitespan ([a-z-]+) ([\w…-]+)(?: --[\w-]+ [\w/.-]+)?/g;

/** What a part below the windows says, where it names a command of the terminal, as a window says it. */
export function sentenceInWindow(sentence: string): string {
  return sentence.replace(inTerminal, (whole, ...found: (string | undefined)[]) => {
    const [first = '', second = ''] = found[0] === undefined ? found.slice(2, 4) : found;
    return insteadOfTerminal[`${first} ${second}`] ?? insteadOfTerminal[first] ?? whole;
  });
}
