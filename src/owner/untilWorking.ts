import { basename } from 'node:path';
import { SitespanError } from '../base/errors.js';
import { until } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { endedBecause } from './endedBecause.js';
import type { Opening } from './opening.js';

/** A scheduler that has not started by then has failed, says the keeper itself after a minute. */
const patienceSeconds = 90;

/**
 * Waits until a cluster's scheduler works, whether it has workers or not.
 *
 * @throws SitespanError `cluster-start-failed` with its reason; `deadline`; the signal's reason
 */
export async function untilWorking(client: KeeperClient, { progress, signal }: Opening = {}): Promise<void> {
  const name = basename(client.folder.path);
  let said = false;
  await until(
    async () => {
      const phase = await phaseOf(client, signal);
      if (phase === 'working') return true;
      if (phase !== 'starting') {
        const why = await endedBecause(client.folder);
        throw new SitespanError('cluster-start-failed', `The cluster ${name} did not start: ${why}`);
      }
      if (!said) progress?.(`Waiting for the scheduler of ${name}.`);
      said = true;
      return false;
    },
    { timeoutMs: patienceSeconds * 1000, everyMs: 200, what: `The scheduler of ${name}`, signal },
  );
}

async function phaseOf(client: KeeperClient, signal: AbortSignal | undefined): Promise<string> {
  try {
    return (await client.call(calls.clusterState, {}, signal)).phase;
  } catch (error) {
    if (!SitespanError.is(error, 'keeper-unreachable')) throw error;
    // Killed, it is started again by what watches it.
    return (await client.hasEnded()) ? 'ended' : 'starting';
  }
}
