import * as vscode from 'vscode';
import { commands } from '../ids.js';
import type { NewCluster } from '../keeper/clusters.js';
import { relayOutOfReach } from '../owner/relayReach.js';

/**
 * Says beside what is being asked that the sites of a grid cannot reach the relay that a cluster is going to have, with the way
 * to another. It hinders nothing: a grid may be on this computer, too.
 *
 * @returns what was said; undefined where there is nothing to say
 */
export function warnOfRelay(
  grid: string,
  relay: NewCluster['relay'],
  onError: (error: unknown) => void,
): string | undefined {
  const sentence = relayOutOfReach(grid, relay);
  if (sentence !== undefined) offerOther(sentence).catch(onError);
  return sentence;
}

async function offerOther(sentence: string): Promise<void> {
  const setRelay = 'Set Relay';
  if ((await vscode.window.showWarningMessage(sentence, setRelay)) !== setRelay) return;
  await vscode.commands.executeCommand(commands.setRelay);
}
