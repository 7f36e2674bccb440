import type { Remedy } from '../base/errors.js';
import { commands } from '../ids.js';

/**
 * Where a window shows a state: rows and welcome of the side bar; the status bar; the line under the cells of a notebook on the
 * cluster, and its kernel's row in the picker; the throughput page; a message about what was asked for.
 */
export type Face = 'tree' | 'status bar' | 'notebook' | 'panel' | 'message';

export interface State {
  /** What is so. */
  readonly when: string;
  /** What is said of it where nobody knows it more exactly: an error or a keeper that says it itself is quoted. */
  readonly sentence: string;
  readonly action?: Remedy;
  readonly tone: 'plain' | 'waiting' | 'warning' | 'error';
  readonly faces: readonly Face[];
  /** Codes of errors and of a keeper's problems that mean it. */
  readonly codes?: readonly string[];
}

/** Where a cluster is shown. */
const onClusters: readonly Face[] = ['tree', 'status bar', 'notebook', 'panel'];

const newCluster: Remedy = { command: commands.newCluster, label: 'New Cluster' };
const startAgain: Remedy = { command: commands.startAgain, label: 'Start Again' };
const environment: Remedy = { command: commands.chooseEnvironment, label: 'Choose Environment' };
const doctor: Remedy = { command: commands.doctor, label: 'Run Doctor' };
const relay: Remedy = { command: commands.setRelay, label: 'Set Relay' };
const why: Remedy = { command: commands.whyWorker, label: 'Why?' };
const scale: Remedy = { command: commands.scaleWorkers, label: 'Scale Workers' };
const renewProxy: Remedy = { command: commands.renewProxy, label: 'Renew Proxy' };
const log: Remedy = { command: commands.showLog, label: 'Show Log' };

/**
 * Every state that is not plain work, what a window says of it, and what a person can do: docs/states.md is made of it, and
 * the rows, the status bar and the messages use it.
 */
export const states = {
  'no-cluster': {
    when: 'There is no cluster on this computer',
    sentence: 'There is no cluster on this computer yet.',
    ...{ action: newCluster, tone: 'plain', faces: ['tree', 'status bar', 'panel', 'message'], codes: ['no-cluster'] },
  },
  'no-environment': {
    when: 'No Python was found that can run a cluster',
    sentence: 'No Python with dask and distributed was found on this computer.',
    ...{ action: environment, tone: 'plain', faces: ['tree'] },
  },
  'python-missing': {
    when: 'The interpreter of a cluster or kernel is not there',
    sentence: 'The interpreter is not there on this computer.',
    ...{ action: environment, tone: 'error', faces: ['message'] },
    codes: ['python-missing', 'environment-missing', 'environment-not-executable'],
  },
  'environment-unfit': {
    when: 'An environment cannot run a cluster or kernel',
    sentence: 'The environment lacks what a cluster needs, or is too old.',
    ...{ action: environment, tone: 'error', faces: ['message'] },
    codes: [
      ...['environment-lacks', 'environment-too-old', 'environment-failed', 'environment-strange'],
      'environment-timeout',
    ],
  },
  unsupported: {
    when: 'On Windows',
    sentence:
      'Clusters are kept on Linux and macOS: on Windows, open this folder in WSL or over Remote-SSH, and Sitespan works there.',
    ...{ tone: 'plain', faces: ['tree', 'message'], codes: ['unsupported'] },
  },
  untrusted: {
    when: 'The workspace is not trusted',
    sentence: 'Nothing is started from a workspace that is not trusted; trust this one if you know who wrote it.',
    action: { command: 'workbench.trust.manage', label: 'Manage Trust' },
    ...{ tone: 'plain', faces: ['tree', 'message'], codes: ['untrusted'] },
  },
  'virtual-workspace': {
    when: 'The folder is not on a disk of this computer',
    sentence: 'Notebooks run from folders on the disks of this computer; clusters are shown.',
    ...{ tone: 'plain', faces: ['tree', 'message'], codes: ['notebook-elsewhere'] },
  },
  'keeper-gone': {
    when: 'The keeper of a cluster has ended without its cluster',
    sentence: 'Its keeper has gone and is being started again; what runs goes on.',
    ...{ tone: 'waiting', faces: onClusters },
  },
  'keeper-start-failed': {
    when: 'The keeper of a cluster cannot be started',
    sentence: 'Its keeper does not start.',
    ...{ action: doctor, tone: 'error', faces: [...onClusters, 'message'] },
    codes: ['keeper-start-failed', 'keeper-unreachable'],
  },
  'cluster-damaged': {
    when: "A file of the cluster's folder is damaged",
    sentence: "A file of the cluster's folder cannot be read.",
    ...{ action: doctor, tone: 'error', faces: [...onClusters, 'message'] },
    codes: ['cluster-damaged', 'journal-corrupt'],
  },
  'cluster-newer': {
    when: 'The cluster was made by a newer version',
    sentence: 'It was made by a newer version of Sitespan than this one; update this extension.',
    action: { command: 'workbench.extensions.action.checkForUpdates', label: 'Check for Updates' },
    ...{ tone: 'warning', faces: [...onClusters, 'message'], codes: ['cluster-newer', 'keeper-answer'] },
  },
  'cluster-older': {
    when: 'The cluster was made by an older version that lacks what is asked',
    sentence: 'It was made by an older version of Sitespan, which does not know this; it works on without.',
    ...{ tone: 'plain', faces: ['tree', 'panel', 'message'], codes: ['call-unknown', 'keeper-other-version'] },
  },
  'cluster-elsewhere': {
    when: 'The cluster runs on another node that shares this home',
    sentence: 'It runs in another container or on another computer that shares your home; use it there.',
    ...{ tone: 'plain', faces: [...onClusters, 'message'], codes: ['cluster-elsewhere', 'runs-elsewhere'] },
  },
  'scheduler-gone': {
    when: "The cluster's scheduler has ended, and the cluster with it",
    sentence: 'Its scheduler has ended, so the cluster has, too.',
    ...{ action: startAgain, tone: 'error', faces: onClusters },
    codes: ['scheduler-ended', 'scheduler-start-failed'],
  },
  'relay-unreachable': {
    when: 'The relay does not answer',
    sentence: 'Its relay cannot be reached.',
    ...{ action: relay, tone: 'error', faces: [...onClusters, 'message'] },
    codes: [
      ...['relay-unreachable', 'relay-lost', 'relay-untrusted', 'relay-stranger', 'relay-answer'],
      ...['relay-start-failed', 'relay-listen', 'relay-certificate'],
    ],
  },
  'grid-unreachable': {
    when: 'A grid does not answer, or refuses',
    sentence: 'The grid does not answer; what runs there goes on.',
    ...{ action: log, tone: 'warning', faces: ['tree', 'status bar'] },
    codes: [
      ...['grid-unreachable', 'grid-failed', 'grid-refused', 'grid-unauthorized', 'grid-answer-unknown'],
      ...['grid-service-missing', 'grid-method-missing'],
    ],
  },
  'grid-unmatched': {
    when: "A grid takes a cluster's jobs and has never given one a place",
    sentence: 'Its grid takes jobs, but none has got a place; what the grid was told may be wrong.',
    ...{ action: why, tone: 'warning', faces: onClusters, codes: ['grid-unmatched'] },
  },
  'proxy-missing': {
    when: 'A grid needs a proxy, and there is none that can be used',
    sentence: 'There is no proxy that its grid can be called with; what runs there goes on.',
    action: { command: commands.initProxy, label: 'Initialise Proxy' },
    ...{ tone: 'error', faces: ['tree', 'status bar', 'message'], codes: ['proxy-missing', 'proxy-unreadable'] },
  },
  'proxy-expiring': {
    when: 'The proxy of a grid ends within two hours',
    sentence: 'The proxy of its grid ends soon; then nothing more is submitted there.',
    ...{ action: renewProxy, tone: 'warning', faces: ['tree', 'status bar', 'message'] },
  },
  'proxy-expired': {
    when: 'The proxy of a grid has expired',
    sentence: 'The proxy of its grid has expired: nothing is submitted, asked or killed there; workers that run go on.',
    ...{ action: renewProxy, tone: 'error', faces: ['tree', 'status bar', 'message'], codes: ['proxy-expired'] },
  },
  'site-banned': {
    when: 'A grid sends no jobs to a site',
    sentence: 'The grid sends no jobs there now.',
    ...{ tone: 'warning', faces: ['tree'] },
  },
  'site-unfit': {
    when: 'The last probe of a site found that workers cannot run there',
    sentence: 'Workers cannot run there.',
    action: { command: commands.probeSite, label: 'Probe Again' },
    ...{ tone: 'warning', faces: ['tree'] },
  },
  'pool-waiting': {
    when: 'Workers are on their way',
    sentence: 'Its workers are on their way.',
    ...{ action: why, tone: 'waiting', faces: ['tree', 'status bar'] },
  },
  'pool-failing': {
    when: 'The workers of a pool do not survive their start',
    sentence: 'Its workers end before they work, so no more are asked of that site until it is scaled again.',
    ...{ action: why, tone: 'error', faces: onClusters, codes: ['pool-stopped'] },
  },
  'worker-lost': {
    when: 'A worker has ended that nobody let go',
    sentence: 'It was lost; its pool asks for another.',
    ...{ action: why, tone: 'warning', faces: ['tree', 'panel'] },
  },
  'idle-drained': {
    when: 'Nothing ran for long, and the workers were let go',
    sentence: 'Nothing ran for long, so its workers were let go.',
    ...{ action: scale, tone: 'plain', faces: onClusters, codes: ['idle-drained'] },
  },
  closing: {
    when: 'The cluster is being closed',
    sentence: 'It is being closed.',
    ...{ tone: 'waiting', faces: onClusters, codes: ['cluster-closing'] },
  },
  closed: {
    when: 'The cluster has ended, and a notebook still shows it',
    sentence: 'It has ended.',
    ...{ action: startAgain, tone: 'plain', faces: ['tree', 'notebook', 'panel'], codes: ['cluster-unknown'] },
  },
  'kernel-dead': {
    when: "A kernel's process has ended",
    sentence: 'The kernel has ended; restart it.',
    action: { command: commands.restartKernel, label: 'Restart Kernel' },
    ...{ tone: 'error', faces: ['tree', 'notebook'], codes: ['kernel-ended', 'kernel-unreachable'] },
  },
  'disk-full': {
    when: 'Nothing can be written where clusters are kept',
    sentence: 'Nothing can be written there; what runs goes on, and nothing new is begun.',
    ...{ action: doctor, tone: 'error', faces: [...onClusters, 'message'] },
    codes: ['disk-full', 'quota-used-up', 'disk-read-only', 'disk-failed', 'not-allowed'],
  },
  'two-windows': {
    when: 'Another window shows the same cluster',
    sentence: 'Both show the same, and either may go.',
    ...{ tone: 'plain', faces: [] },
  },
} satisfies Readonly<Record<string, State>>;
export type StateId = keyof typeof states;

export function stateOf(id: StateId): State {
  return states[id];
}

/** Whether a state is shown there; what is none is said everywhere. */
export function isShownIn(face: Face, id: StateId | undefined): boolean {
  return id === undefined || stateOf(id).faces.includes(face);
}

/** The state that an error or a problem of that code means. */
export function stateOfCode(code: string): StateId | undefined {
  return stateIds().find((id) => stateOf(id).codes?.includes(code));
}

export function stateIds(): StateId[] {
  return Object.keys(states).filter((id): id is StateId => id in states);
}
