import { basename } from 'node:path';
import { sleep } from '../base/waiting.js';
import { calls } from '../keeper/api.js';
import type { KeeperClient } from '../keeper/client.js';
import { chosenCluster } from './chosenKernel.js';
import { coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { statusHelp } from './help/clusterHelp.js';
import { print } from './print.js';
import { Screen } from './screen.js';
import { statusLines } from './statusLines.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

const drawEveryMs = 200;

/** `sitespan status [NAME]`: one cluster as it is now, or as it goes on. */
export function runStatus(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('status', statusHelp, argv);
  const [named, ...more] = given.words;
  if (more.length > 0) throw given.wrong();
  return untilStopped(async (signal) => {
    const name = basename((await chosenCluster(named, 'say which: sitespan status NAME')).path);
    await withCluster(name, signal, async (client) => {
      // A file or pipe is read later: there it is told once.
      if (given.has('--watch') && process.stdout.isTTY) return watch(client, name, signal);
      const snapshot = await client.call(calls.clusterState, {}, signal);
      if (given.has('--json')) print(JSON.stringify(snapshot, null, 2));
      else for (const line of statusLines(snapshot, coloursOf(process.stdout))) print(line);
    });
    return 0;
  });
}

async function watch(client: KeeperClient, name: string, signal: AbortSignal): Promise<void> {
  const screen = new Screen(process.stdout);
  const colours = coloursOf(process.stdout);
  client.watch();
  while (!(await client.hasEnded())) {
    const { snapshot } = client;
    if (snapshot !== undefined) screen.show(statusLines(snapshot, colours));
    await sleep(drawEveryMs, signal);
  }
  screen.print(`The cluster ${name} has ended.`);
}
