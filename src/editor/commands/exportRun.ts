import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { commands } from '../../ids.js';
import { saveRun } from '../panels/saveRun.js';
import type { ShownThing } from '../protocol.js';
import { nodeOf } from '../trees/nodes.js';
import type { Window } from '../window.js';

/** A cluster's run so far, or one that was kept, as a file: CSV or JSON. */
export async function exportRun(window: Window, argument: unknown): Promise<void> {
  const cluster = nodeOf('cluster', argument)?.cluster;
  const run = nodeOf('run', argument)?.run;
  const given: ShownThing | undefined =
    cluster !== undefined
      ? { kind: 'cluster', name: cluster }
      : run !== undefined
        ? { kind: 'run', id: run }
        : undefined;
  const what = given ?? (await pick(window));
  if (what !== undefined) await saveRun(window, what, 'worker');
}

async function pick({ fleet }: Window): Promise<ShownThing | undefined> {
  await fleet.refresh();
  const { listRuns } = await import('../../keeper/runFiles.js');
  const open = fleet.clusters.map(({ name }) => ({
    label: name,
    description: '',
    what: { kind: 'cluster', name } as const,
  }));
  const kept = (await listRuns()).map(({ id, name, begunAt }) => {
    return { label: name, description: new Date(begunAt * 1000).toLocaleString(), what: { kind: 'run', id } as const };
  });
  const all = [...open, ...kept];
  if (all.length === 0) {
    throw new SitespanError('run-unknown', 'There is no cluster on this computer, and no run was kept.', {
      remedy: { command: commands.newCluster, label: 'New Cluster' },
    });
  }
  return (await vscode.window.showQuickPick(all, { title: 'Export Run', placeHolder: 'Which run?' }))?.what;
}
