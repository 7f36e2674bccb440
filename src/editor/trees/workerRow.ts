import { commands } from '../../ids.js';
import type { LifePhase, WorkerSnapshot } from '../../keeper/api.js';
import { phaseWords } from '../../owner/lifeDocument.js';
import { colors, type Icon, type Row } from './row.js';

const icons: Readonly<Record<LifePhase, Icon>> = {
  requested: { id: 'circle-large-outline', color: colors.faint },
  submitted: { id: 'circle-large-outline' },
  waiting: { id: 'watch', color: colors.waiting },
  matched: { id: 'watch', color: colors.waiting },
  starting: { id: 'sync', color: colors.waiting },
  enrolled: { id: 'sync', color: colors.waiting },
  working: { id: 'pass', color: colors.good },
  draining: { id: 'debug-step-out', color: colors.waiting },
  ended: { id: 'error', color: colors.error },
};

/** A worker: where it is on its way, and where. */
export function workerRow(cluster: string, pool: string, worker: WorkerSnapshot): Row {
  const { name, site, job, phase, since, evidence } = worker;
  const words = phase === 'ended' ? `was lost: ${evidence}` : phaseWords[phase];
  const there = phase !== 'ended';
  return {
    label: name,
    description: `${site} · ${words}`,
    icon: icons[phase],
    tooltip: [
      ['Site', site],
      ['Job', job ?? 'none yet'],
      ['State', words],
      ['Since', new Date(since * 1000).toISOString().replace('T', ' ').slice(0, 19)],
      ...(evidence === '' || !there ? [] : [['Shown by', evidence] as const]),
    ],
    flags: [
      'worker',
      ...(there && phase !== 'draining' ? ['drainable'] : []),
      ...(there && job !== null ? ['killable'] : []),
      ...(job === null ? [] : ['logged']),
    ],
    spoken: `Worker ${name} at ${site}: ${words}`,
    opens: 'no',
    action: {
      command: commands.whyWorker,
      label: 'Why Is It Not Here?',
      arguments: [{ kind: 'worker', cluster, pool, worker: name }],
    },
  };
}
