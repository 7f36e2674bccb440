import * as vscode from 'vscode';
import { schemes } from '../../ids.js';
import type { Fleet } from '../fleet.js';
import { LiveDocuments } from './liveDocuments.js';

/** The verdicts as they are when it is opened. */
export function probesUri(cluster: string): vscode.Uri {
  return vscode.Uri.from({ scheme: schemes.probes, path: `/${cluster}/Probes.md`, query: String(Date.now()) });
}

/** Registers what shows the verdicts that a cluster has of its sites. */
export function registerProbesDocument(fleet: Fleet, onError: (error: unknown) => void): vscode.Disposable {
  return new LiveDocuments(
    schemes.probes,
    ({ path }) => ({
      run: async (show, signal) => {
        const [, cluster = ''] = path.split('/');
        const { calls } = await import('../../keeper/api.js');
        const { probeReport } = await import('../../owner/probeReport.js');
        const client = await fleet.client(cluster);
        show(probeReport(cluster, await client.call(calls.listSites, {}, signal)));
      },
    }),
    onError,
  );
}
