import type { Remedy } from '../base/errors.js';
import { commands } from '../ids.js';
import { countCluster, sayWorkers, workersOfWished } from '../owner/counted.js';
import { byteRate, eventRate } from '../owner/units.js';
import type { Fleet } from './fleet.js';
import type { ClusterLink } from './fleetSource.js';
import type { ClusterView } from './knownCluster.js';
import { stateOf } from './states.js';
import { aboutCluster, troublesIn } from './troubles.js';

/** What the status bar shows, without VS Code. */
export interface Status {
  readonly text: string;
  /** Plain sentences. */
  readonly lines: readonly string[];
  readonly links: readonly Remedy[];
  /** What a click does. */
  readonly action: Remedy;
  readonly tone: 'plain' | 'waiting' | 'warning' | 'error';
  readonly spoken: string;
}

type Shown<Link extends ClusterLink> = Pick<Fleet<Link>, 'clusters' | 'front' | 'hasLooked'>;

/**
 * The cluster of the shown notebook, else the last used, else the first that works: `ttbar 24/32 · 1.2 MHz`, and how many others there are.
 *
 * @returns undefined before clusters were looked for
 */
export function statusOf<Link extends ClusterLink>({ clusters, front, hasLooked }: Shown<Link>): Status | undefined {
  if (!hasLooked) return undefined;
  const open = clusters.filter(({ link, trouble }) => link !== 'closed' || trouble !== undefined);
  const view = open.find(({ name }) => name === front) ?? open.find(({ link }) => link === 'connected') ?? open[0];
  if (view === undefined) return noCluster;
  const others = open.length - 1;
  const more = others === 0 ? '' : ` +${others}`;
  const [worst] = troublesIn('status bar', view);
  const tone = worst?.tone ?? 'plain';
  const numbers = numbersOf(view);
  const about = aboutCluster(view.name);
  const said = worst === undefined ? [] : [worst.sentence];
  const link = (command: string, label: string): Remedy => ({ command, label, arguments: about });
  return {
    text: `$(${icons[tone]}) ${view.name}${numbers === '' ? '' : ` ${numbers}`}${more}`,
    lines: [...said, ...detailsOf(view), ...(others === 0 ? [] : [`And ${others} other clusters.`])],
    links: [
      ...(worst?.action === undefined ? [] : [worst.action]),
      link(commands.showThroughput, 'Show Throughput'),
      link(commands.scaleWorkers, 'Scale Workers'),
      link(commands.openDashboard, 'Open Dashboard'),
      { command: commands.showLog, label: 'Show Log' },
    ],
    action: {
      plain: link(commands.showThroughput, 'Show Throughput'),
      waiting: link(commands.whyWorker, 'Why Is It Not Here?'),
      warning: { command: commands.showLog, label: 'Show Log' },
      error: { command: commands.showLog, label: 'Show Log' },
    }[tone],
    tone,
    spoken: [`Cluster ${view.name}`, ...(numbers === '' ? [] : [numbers]), ...said].join(', '),
  };
}

const icons: Readonly<Record<Status['tone'], string>> = {
  plain: 'server-environment',
  waiting: 'watch',
  warning: 'warning',
  error: 'error',
};

const noCluster: Status = {
  text: '$(server-environment) Sitespan',
  lines: [stateOf('no-cluster').sentence],
  links: [
    { command: commands.newCluster, label: 'New Cluster' },
    { command: commands.openWalkthrough, label: 'Get Started' },
  ],
  action: { command: commands.newCluster, label: 'New Cluster' },
  tone: 'plain',
  spoken: 'Sitespan: no cluster',
};

function numbersOf({ snapshot, link }: ClusterView): string {
  if (snapshot === undefined || link === 'closed') return '';
  const { eventsPerSecond } = snapshot.total;
  return [workersOfWished(countCluster(snapshot)), ...(eventsPerSecond === 0 ? [] : [eventRate(eventsPerSecond)])].join(
    ' · ',
  );
}

function detailsOf({ snapshot }: ClusterView): string[] {
  if (snapshot === undefined) return [];
  const { total, tasks } = snapshot;
  return [
    `${sayWorkers(countCluster(snapshot))}.`,
    `${eventRate(total.eventsPerSecond)}, ${byteRate(total.bytesPerSecond)}; ${tasks.processing} tasks run, ${tasks.waiting} wait.`,
  ];
}
