import { SitespanError } from '../base/errors.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { gridWords } from '../owner/gridWords.js';
import { lifeDocument } from '../owner/lifeDocument.js';
import { workerLog } from '../owner/workerLog.js';
import { GivenArguments } from './givenArguments.js';
import { killHelp, logsHelp, whyHelp } from './help/workerHelp.js';
import { note, print } from './print.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

/** `sitespan logs CLUSTER WORKER`: what a worker's job has written, and with `--follow` what it goes on to write. */
export function runLogs(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('logs', logsHelp, argv);
  const [cluster = '', worker = ''] = given.exactly(2);
  return untilStopped(async (signal) => {
    await withCluster(cluster, signal, async (client) => {
      for await (const text of workerLog(client, worker, { follow: given.has('--follow'), signal })) {
        process.stdout.write(text);
      }
    });
    return 0;
  });
}

/** `sitespan why CLUSTER WORKER`: why it is not here. */
export function runWhy(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('why', whyHelp, argv);
  const [cluster = '', worker = ''] = given.exactly(2);
  return untilStopped(async (signal) => {
    const { life, told } = await withCluster(cluster, signal, async (client) => {
      const lives = await client.call(calls.listLives, {}, signal);
      const life = lives.find(({ name }) => name === worker);
      const names = lives.map(({ name }) => name);
      if (life === undefined) throw unknownWorker(cluster, worker, names);
      return { life, told: given.has('--json') ? undefined : await gridWords(client, life, signal) };
    });
    if (given.has('--json')) print(JSON.stringify(life, null, 2));
    else process.stdout.write(lifeDocument(life, Date.now() / 1000, cluster, told));
    return 0;
  });
}

/** `sitespan kill CLUSTER WORKER…`: ends their jobs at once. @returns 1 where one of them could not be */
export function runKill(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('kill', killHelp, argv);
  const [cluster, ...workers] = given.words;
  if (cluster === undefined || workers.length === 0) throw given.wrong();
  return untilStopped((signal) =>
    withCluster(cluster, signal, async (client) => {
      let failed = false;
      for (const worker of workers) failed = !(await kill(client, worker, signal)) || failed;
      return failed ? 1 : 0;
    }),
  );
}

async function kill(client: KeeperClient, worker: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.call(calls.killWorker, { worker }, signal);
    print(`${worker} is being ended; its pool asks for another.`);
    return true;
  } catch (error) {
    // The others are still to be ended.
    if (!SitespanError.is(error) || error.code === 'stopped') throw error;
    note(`sitespan: ${error.message}`);
    return false;
  }
}

function unknownWorker(cluster: string, worker: string, there: readonly string[]): SitespanError {
  const newest = there.slice(-8).join(', ');
  const sentence = there.length === 0 ? 'it has had none' : `the newest are ${newest}`;
  return new SitespanError('worker-unknown', `The cluster ${cluster} never had a worker ${worker}; ${sentence}.`);
}
