import * as vscode from 'vscode';
import { schemes } from '../../ids.js';
import type { GridSnapshot } from '../../keeper/api.js';
import type { Fleet } from '../fleet.js';
import { LiveDocuments } from './liveDocuments.js';

const ofGrid = 'grid';

/** The verdicts as they are when it is opened. */
export function probesUri(cluster: string): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.probes, path: `/${cluster}/Probes.md`, query: String(Date.now()) });
}

/** The same of a grid, as all clusters that looked at its sites found them. */
export function gridProbesUri(grid: string): vscode.Uri {
  const path = `/${grid}/Probes.md`;
  return vscode.Uri.from({ scheme: schemes.probes, authority: ofGrid, path, query: String(Date.now()) });
}

/** Registers what shows the verdicts that a cluster or a grid has of its sites. */
export function registerProbesDocument(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  return new LiveDocuments(
    schemes.probes,
    ({ path, authority }) => ({
      run: async (show, signal) => {
        const [, name = ''] = path.split('/');
        const { probeReport } = await import('../../owner/probeReport.js');
        const sites = authority === ofGrid ? gridSnapshots(name, signal) : clusterSnapshots(fleet, name, signal);
        show(probeReport(name, await sites));
      },
    }),
    onError,
  );
}

async function clusterSnapshots(fleet: Fleet, cluster: string, signal: AbortSignal): Promise<readonly GridSnapshot[]> {
  const { calls } = await import('../../keeper/api.js');
  return (await fleet.client(cluster)).call(calls.listSites, {}, signal);
}

async function gridSnapshots(grid: string, signal: AbortSignal): Promise<readonly GridSnapshot[]> {
  const { readGrid } = await import('../../owner/grids.js');
  const { gridSites } = await import('../../owner/gridSites.js');
  const { snapshotOf } = await import('../trees/siteRows.js');
  return [{ grid, sites: (await gridSites(grid, await readGrid(grid), { signal })).map(snapshotOf) }];
}
