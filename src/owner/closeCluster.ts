import { basename } from 'node:path';
import { endKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import type { Opening } from './opening.js';

/** The keeper's own limit for its jobs' end is 20 s; then come scheduler, kernels and relay. */
const endSeconds = 60;

/**
 * Ends a cluster and all of it, and waits until it has. One that has ended already is no error.
 *
 * @throws SitespanError the keeper's; `deadline`; the signal's reason: then it goes on ending
 */
export async function closeCluster(client: KeeperClient, { progress, signal }: Opening = {}): Promise<void> {
  const name = basename(client.folder.path);
  try {
    await client.call(calls.closeCluster, {}, signal);
  } catch (error) {
    // It may have gone while we asked.
    if (!SitespanError.is(error, 'keeper-unreachable') || !(await client.hasEnded())) throw error;
  }
  progress?.(`Ending the workers, kernels and scheduler of ${name}.`);
  await until(() => client.hasEnded(), {
    timeoutMs: endSeconds * 1000,
    everyMs: 100,
    what: `The end of the cluster ${name}`,
    signal,
  });
  // Its last word is a moment earlier than the end of the shell around it; whoever asks then finds nothing of it.
  await endKept(client.folder.keeper, { graceMs: 5000 });
}
