import * as vscode from 'vscode';

/** A cluster's name in the kernel picker; a notebook remembers its kernel by it. */
export function controllerId(cluster: string): string {
  return `sitespan.cluster.${cluster}`;
}

/** Makes a cluster the kernel of the notebook that is in front. @param extension our own id */
export async function selectCluster(extension: string, cluster: string): Promise<void> {
  await vscode.commands.executeCommand('notebook.selectKernel', { id: controllerId(cluster), extension });
}
