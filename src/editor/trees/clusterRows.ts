import { commands } from '../../ids.js';
import type { ClusterSnapshot, KernelSnapshot } from '../../keeper/api.js';
import type { RunSummary } from '../../keeper/runFiles.js';
import { countCluster, countPool, sayWorkers, workersOfWished } from '../../owner/counted.js';
import { byteRate, eventRate, size, whole } from '../../owner/units.js';
import type { ClusterView } from '../knownCluster.js';
import { stateWords } from '../stateWords.js';
import { type Trouble, troublesIn } from '../troubles.js';
import { colors, type Icon, iconOfTone, type Row } from './row.js';

type PoolSnapshot = ClusterSnapshot['pools'][number];

/**
 * A cluster: how many of its workers work, and what they do.
 *
 * @param more what the window knows besides what the cluster tells
 */
export function clusterRow(view: ClusterView, more: readonly Trouble[] = []): Row {
  const { name, folder, link, snapshot } = view;
  const [worst] = troublesIn('tree', view, more);
  const open = link === 'connected' || link === 'lost';
  const lives = open && snapshot !== undefined && (snapshot.phase === 'working' || snapshot.phase === 'starting');
  const words = stateWords(view);
  const counted = snapshot === undefined ? undefined : countCluster(snapshot);
  const rate = snapshot === undefined || snapshot.total.eventsPerSecond === 0 ? undefined : rateOf(snapshot);
  const numbers =
    lives && counted !== undefined ? [workersOfWished(counted), ...(rate === undefined ? [] : [rate])] : [];
  return {
    label: name,
    description: [...numbers, ...(words === '' ? [] : [words])].join(' · '),
    icon: worst === undefined || worst.tone === 'plain' ? plainIcon(link) : iconOfTone(worst.tone),
    tooltip: [
      ...(counted === undefined ? [] : [['Workers', sayWorkers(counted)] as const]),
      ...(snapshot === undefined ? [] : totals(snapshot)),
      ...(worst === undefined ? [] : [worst.sentence]),
      ['Folder', folder],
    ],
    flags: [
      'cluster',
      ...(lives ? ['running', 'closable'] : []),
      ...(lives && (snapshot?.pools.length ?? 0) > 0 ? ['scalable'] : []),
      ...(lives && typeof snapshot?.scheduler.httpPort === 'number' ? ['dashboard'] : []),
      ...(link === 'closed' ? ['startable'] : []),
    ],
    spoken: [
      `Cluster ${name}`,
      ...(lives && counted !== undefined ? [sayWorkers(counted)] : []),
      ...(rate === undefined ? [] : [rate]),
      ...(words === '' ? [] : [words]),
      ...(worst === undefined ? [] : [worst.sentence]),
    ].join(', '),
    opens: 'open',
  };
}

export function poolRow(pool: PoolSnapshot, running: boolean): Row {
  const counted = countPool(pool);
  const { name, sites, adaptive, cores, memoryMb, walltimeSeconds, grid } = pool;
  const range = adaptive === undefined ? [] : [`adapts ${adaptive.minimum} to ${adaptive.maximum}`];
  const all = counted.working >= counted.desired;
  return {
    label: name,
    description: [workersOfWished(counted), sites.join(', '), ...range].join(' · '),
    icon: { id: 'layers', ...(counted.desired === 0 ? {} : { color: all ? colors.good : colors.waiting }) },
    tooltip: [
      ['Workers', sayWorkers(counted)],
      ['Sites', sites.join(', ')],
      ...(grid === undefined ? [] : [['Grid', grid] as const]),
      ...(cores === undefined ? [] : [['Cores of each', String(cores)] as const]),
      ...(memoryMb === undefined || memoryMb === 0 ? [] : [['Memory of each', size(memoryMb * 1e6)] as const]),
      ...(walltimeSeconds === undefined ? [] : [['Walltime', `${walltimeSeconds / 3600} h`] as const]),
      ...range,
    ],
    flags: ['pool', ...(running ? ['scalable'] : []), ...(adaptive === undefined ? [] : ['adaptive'])],
    spoken: [`Pool ${name}`, sayWorkers(counted), `at ${sites.join(' and ')}`, ...range].join(', '),
    opens: 'closed',
  };
}

export function chunkRow(from: number, names: readonly string[], working: number): Row {
  const range = `${names[0] ?? ''} … ${names.at(-1) ?? ''}`;
  return {
    label: `${from + 1} to ${from + names.length}`,
    description: `${working}/${names.length} · ${range}`,
    icon: { id: 'list-tree' },
    tooltip: [range],
    flags: ['chunk'],
    spoken: `Workers ${from + 1} to ${from + names.length}, ${working} work`,
    opens: 'closed',
  };
}

export function lostRow(count: number): Row {
  return {
    label: 'Recently lost',
    description: String(count),
    icon: { id: 'history', color: colors.warning },
    tooltip: ['Workers that have ended and that nobody let go, the last ones.'],
    flags: ['lost'],
    spoken: `Recently lost: ${count} workers`,
    opens: 'closed',
  };
}

export function kernelsRow(count: number): Row {
  return {
    label: 'Kernels',
    description: String(count),
    icon: { id: 'notebook' },
    tooltip: ['Kernels that run on this cluster; notebooks are connected to them.'],
    flags: ['kernels'],
    spoken: `${count} kernels`,
    opens: 'open',
  };
}

const kernelIcons: Readonly<Record<KernelSnapshot['phase'], Icon>> = {
  starting: { id: 'sync', color: colors.waiting },
  idle: { id: 'circle-outline' },
  busy: { id: 'circle-filled', color: colors.good },
  dead: { id: 'error', color: colors.error },
};

export function kernelRow({ id, phase, cells, notebook, cwd, python, problem, ended }: KernelSnapshot): Row {
  const queued = cells.queued === 0 ? [] : [`${cells.queued} cells wait`];
  const label = notebook === undefined ? id : (notebook.split('/').at(-1) ?? id);
  const words = phase === 'dead' && ended !== undefined ? 'ended' : phase;
  return {
    label,
    description: [words, ...queued].join(' · '),
    icon: kernelIcons[phase],
    tooltip: [
      ...(notebook === undefined ? [] : [['Notebook', notebook] as const]),
      ['Kernel', id],
      ...(cwd === undefined ? [] : [['Folder', cwd] as const]),
      ...(python === undefined ? [] : [['Python', `${python.version} (${python.executable})`] as const]),
      ['Cells', `${cells.done} done, ${cells.running} running, ${cells.queued} waiting, ${cells.failed} failed`],
      ...(problem === undefined ? [] : [problem.message]),
      ...(ended === undefined ? [] : [ended]),
    ],
    flags: ['kernel', ...(phase === 'dead' ? [] : ['live']), ...(phase === 'busy' ? ['busy'] : [])],
    spoken: [`Kernel ${label}`, words, ...queued].join(', '),
    opens: 'no',
  };
}

export function runsRow(count: number): Row {
  return {
    label: 'Finished runs',
    description: String(count),
    icon: { id: 'history' },
    tooltip: ['Throughput of clusters that have ended, as it was kept.'],
    flags: ['runs'],
    spoken: `${count} finished runs`,
    opens: 'closed',
  };
}

export function runRow({ id, name, begunAt, totals: { events, bytes } }: RunSummary): Row {
  const begun = new Date(begunAt * 1000).toISOString().replace('T', ' ').slice(0, 16);
  return {
    label: name,
    description: `${begun} · ${whole(events)} events`,
    icon: { id: 'graph' },
    tooltip: [
      ['Begun', begun],
      ['Events', whole(events)],
      ['Read', size(bytes)],
      ['Run', id],
    ],
    flags: ['run'],
    spoken: `Run ${name} of ${begun}, ${whole(events)} events`,
    opens: 'no',
    action: { command: commands.openRun, label: 'Open', arguments: [{ kind: 'run', run: id }] },
  };
}

function plainIcon(link: ClusterView['link']): Icon {
  if (link === 'connected') return { id: 'server-environment', color: colors.good };
  return { id: 'server-environment', color: colors.faint };
}

function rateOf({ total }: ClusterSnapshot): string {
  return eventRate(total.eventsPerSecond);
}

function totals({ total, tasks }: ClusterSnapshot): (readonly [string, string])[] {
  return [
    ['Rate', `${eventRate(total.eventsPerSecond)}, ${byteRate(total.bytesPerSecond)}`],
    ['In all', `${whole(total.events)} events, ${size(total.bytes)}`],
    ['Tasks', `${tasks.processing} processing, ${tasks.waiting} waiting, ${tasks.erred} failed`],
  ];
}
