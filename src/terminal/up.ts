import { SitespanError } from '../base/errors.js';
import type { EnvironmentSpec } from '../environment/environmentSpec.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { closeCluster } from '../owner/closeCluster.js';
import { makeCluster } from '../owner/openCluster.js';
import { scalePool } from '../owner/scalePool.js';
import { untilWorking } from '../owner/untilWorking.js';
import { givenCluster } from './clusterOptions.js';
import { confirming } from './confirming.js';
import { GivenArguments } from './givenArguments.js';
import { upHelp } from './help/clusterHelp.js';
import { note, print } from './print.js';
import { megabytes, seconds, wholeNumber } from './quantities.js';
import { noteRelay } from './relayNote.js';
import { untilStopped } from './untilStopped.js';
import { upPlace } from './upPlace.js';

/** The pool that `up` makes; others come by Python or the window. */
const pool = 'main';
const defaultWorkers = 2;
const makesIt = [
  ...['--grid', '--site', '--python', '--environment', '--worker-environment', '--relay', '--cores', '--memory'],
  '--walltime',
];

/** `sitespan up NAME`: a cluster that runs, with its workers asked for. */
export async function runUp(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('up', upHelp, argv);
  const [name = ''] = given.exactly(1);
  const workers = given.text('--workers');
  const wished = workers === undefined ? undefined : wholeNumber(workers, '--workers');
  const chosen = { name, ...(await givenCluster(given)) };
  const kind = kindOf(given);
  return untilStopped(async (signal) => {
    const place = await upPlace(given, signal);
    const wish = { ...chosen, ...place.cluster };
    const { client, created } = await makeCluster(wish, { signal, progress: note });
    try {
      if (!created) sayAttached(name, given);
      else if (place.pool.grid !== undefined) noteRelay(place.pool.grid, wish.relay);
      await untilWorking(client, { signal, progress: note });
      const python = pythonOf(place.environment ?? wish.environment);
      if (created) await client.call(calls.createPool, { name: pool, ...place.pool, ...kind, ...python }, signal);
      const number = wished ?? (created ? defaultWorkers : undefined);
      if (number !== undefined) await askWorkers(client, name, number, given, signal);
      print(`The cluster ${name} runs. Look at it: sitespan status ${name} --watch`);
      print(`Run a notebook on it: sitespan run NOTEBOOK.ipynb --cluster ${name}; end it: sitespan down ${name}`);
      return 0;
    } catch (error) {
      // What was made a moment ago, and is not wanted any more, is not left running.
      if (created && SitespanError.is(error, 'stopped')) await closeCluster(client, { progress: note });
      throw error;
    } finally {
      client.dispose();
    }
  }, 'Stopped; a cluster that was just being made has ended.');
}

async function askWorkers(
  client: KeeperClient,
  name: string,
  workers: number,
  given: GivenArguments,
  signal: AbortSignal,
): Promise<void> {
  const confirm = confirming(given.has('--yes'), signal);
  const asked = await scalePool(client, { pool, workers }, { signal, progress: note, confirm });
  if (!asked) note(`No workers were asked for; do it with: sitespan scale ${name} ${pool} N`);
}

function sayAttached(name: string, given: GivenArguments): void {
  const vain = makesIt.filter((flag) => given.has(flag));
  const without = vain.length === 0 ? '' : ` ${vain.join(', ')} only counts when it is made.`;
  note(`There is a cluster ${name} already.${without}`);
}

/** What one worker takes. */
function kindOf(given: GivenArguments) {
  const [cores, memory, walltime] = [given.text('--cores'), given.text('--memory'), given.text('--walltime')];
  return {
    ...(cores === undefined ? {} : { cores: wholeNumber(cores, '--cores', 1) }),
    ...(memory === undefined ? {} : { memoryMb: megabytes(memory, '--memory') }),
    ...(walltime === undefined ? {} : { walltimeSeconds: seconds(walltime, '--walltime') }),
  };
}

/** Workers of this computer have the cluster's own. */
function pythonOf(environment: EnvironmentSpec | undefined) {
  if (environment === undefined) return {};
  return environment.kind === 'python' ? { python: environment.python } : { environment };
}
