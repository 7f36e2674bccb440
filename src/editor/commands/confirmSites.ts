import * as vscode from 'vscode';
import type { KeeperClient } from '../../keeper/client.js';

/**
 * The second word before more workers are asked of sites where a probe has found that they cannot run.
 *
 * @returns false where the person thought better of it
 * @throws SitespanError as `beforeWorkers`, where the grid would refuse them
 */
export async function confirmSites(client: KeeperClient, grid: string, sites: readonly string[]): Promise<boolean> {
  const { beforeWorkers } = await import('../../owner/beforeWorkers.js');
  return confirmUnfit(await beforeWorkers(client, grid, sites));
}

/** @param warnings a sentence each; none is no question */
export async function confirmUnfit(warnings: readonly string[]): Promise<boolean> {
  if (warnings.length === 0) return true;
  const yes = 'Ask for Them All the Same';
  return (await vscode.window.showWarningMessage(warnings.join('\n'), { modal: true }, yes)) === yes;
}
