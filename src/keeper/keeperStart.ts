import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startKept } from '../base/child/kept.js';
import { SitespanError } from '../base/errors.js';
import { unlessAbsent } from '../base/systemError.js';
import { nodeEnvironment } from '../environment/childEnvironment.js';
import type { ClusterFolder } from './clusterFolder.js';

const logLimitBytes = 5_000_000;

/**
 * Restarts a keeper that dies, until it ends by its own will (exit code 0), dies at once again and again, or is told to
 * stop. `$@` is the keeper's command.
 */
const watchdog = `
failures=0
while :; do
  began=$(date +%s)
  "$@" && exit 0
  [ $(($(date +%s) - began)) -ge 30 ] && failures=0
  failures=$((failures + 1))
  [ "$failures" -ge 10 ] && exit 1
  sleep 1
done
`;

/**
 * Starts a cluster's keeper, with its watchdog; what somebody else has started meanwhile is as good.
 *
 * @throws SitespanError `cluster-damaged` where its program is gone
 */
export async function startKeeper(folder: ClusterFolder): Promise<void> {
  if ((await unlessAbsent(stat(folder.program))) === undefined) {
    throw new SitespanError(
      'cluster-damaged',
      `The cluster in ${folder.path} on this computer has lost its program (${folder.program}), so nothing can keep it; put that file back, or remove the folder and make the cluster again.`,
    );
  }
  try {
    await startKept({
      folder: folder.keeper,
      command: '/bin/sh',
      args: ['-c', watchdog, 'sitespan-keeper', process.execPath, folder.program, 'keeper', '--folder', folder.path],
      env: nodeEnvironment(),
      cwd: folder.path,
      logLimitBytes,
    });
  } catch (error) {
    // Another window was quicker.
    if (!SitespanError.is(error, 'kept-running')) throw error;
  }
}

/** Why a keeper that was started does not run, in its own last words. */
export async function startFailed(folder: ClusterFolder): Promise<SitespanError> {
  const log = join(folder.keeper, 'log');
  // On a full disk the last line may be half a line.
  const lines = ((await unlessAbsent(readFile(log, 'utf8'))) ?? '').split('\n').slice(0, -1);
  const said = lines.findLast((line) => line.startsWith('sitespan: '))?.slice(10) ?? lines.at(-1) ?? '';
  return new SitespanError(
    'keeper-start-failed',
    `The keeper of ${folder.path} did not start: ${said.replace(/\.$/, '') || 'it said nothing'}; its log is ${log}.`,
  );
}
