import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { commands } from '../../ids.js';
import { noCluster } from '../pickers.js';
import { inProgress } from '../progress.js';
import type { Window } from '../window.js';

/** Ends every cluster of this user on this computer, when that is confirmed; says what could not be ended. */
export async function stopEverything(window: Window): Promise<void> {
  await window.fleet.refresh();
  const clusters = window.fleet.clusters.filter(({ link }) => link !== 'closed');
  if (clusters.length === 0) throw noCluster();
  const stop = 'Stop Everything';
  const chosen = await vscode.window.showWarningMessage(
    clusters.length === 1
      ? 'Stop the cluster on this computer?'
      : `Stop all ${clusters.length} clusters on this computer?`,
    {
      modal: true,
      detail: `${clusters.map(({ name }) => name).join(', ')}: their workers, kernels and schedulers end.`,
    },
    stop,
  );
  if (chosen !== stop) return;
  const { stopEverything: end } = await import('../../owner/stopEverything.js');
  const stopped = await inProgress('Stopping everything', (say, signal) =>
    end({ signal, progress: (cluster, sentence) => say(`${cluster}: ${sentence}`) }),
  );
  await window.fleet.refresh();
  const sentences = stopped.filter(({ how }) => how !== 'closed').map(({ sentence }) => sentence);
  if (sentences.length === 0) return;
  throw new SitespanError('not-all-closed', sentences.join(' '), {
    remedy: { command: commands.doctor, label: 'Run Doctor' },
  });
}
