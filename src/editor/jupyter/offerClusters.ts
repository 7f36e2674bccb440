import type { Jupyter } from '@vscode/jupyter-extension';
import * as vscode from 'vscode';
import { isOurKind, openNotebooks } from '../notebooks/openNotebooks.js';
import type { Window } from '../window.js';

const jupyterExtension = 'ms-toolsai.jupyter';

/**
 * Offers the clusters in the kernel picker of Microsoft's Jupyter extension, too, where that is installed: from the first
 * notebook on, as that extension asks for. Before, and without it, nothing is loaded.
 */
export function offerClusters(window: Window): vscode.Disposable {
  const held: vscode.Disposable[] = [];
  let begun = false;
  const begin = (): void => {
    if (begun || openNotebooks().length === 0 || vscode.extensions.getExtension(jupyterExtension) === undefined) return;
    begun = true;
    offer(window).then(
      (offered) => held.push(...offered),
      (error: unknown) => window.log.error(`The clusters are not offered to ${jupyterExtension}: ${String(error)}`),
    );
  };
  held.push(
    vscode.workspace.onDidOpenNotebookDocument((notebook) => {
      if (isOurKind(notebook)) begin();
    }),
    // It may be installed while the window is open.
    vscode.extensions.onDidChange(begin),
  );
  begin();
  return new vscode.Disposable(() => {
    for (const one of held.splice(0)) one.dispose();
  });
}

async function offer({ fleet, log }: Window): Promise<vscode.Disposable[]> {
  const api: unknown = await vscode.extensions.getExtension<unknown>(jupyterExtension)?.activate();
  if (!hasCollections(api)) throw new Error('it has no createJupyterServerCollection; update it');
  const { ClusterServers } = await import('./clusterServers.js');
  const servers = new ClusterServers(fleet, log);
  const collection = api.createJupyterServerCollection('sitespan', 'Sitespan Clusters', servers);
  collection.commandProvider = servers;
  return [collection, servers];
}

function hasCollections(api: unknown): api is Pick<Jupyter, 'createJupyterServerCollection'> {
  return (
    typeof api === 'object' &&
    api !== null &&
    'createJupyterServerCollection' in api &&
    typeof api.createJupyterServerCollection === 'function'
  );
}
