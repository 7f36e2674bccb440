import { basename } from 'node:path';
import { listClusters } from '../keeper/clusters.js';
import { stopEverything } from '../owner/stopEverything.js';
import { confirming } from './confirming.js';
import { GivenArguments } from './givenArguments.js';
import { stopEverythingHelp } from './help/clusterHelp.js';
import { note, print } from './print.js';
import { untilStopped } from './untilStopped.js';

/** `sitespan stop-everything`: ends every cluster of this user on this computer. @returns 1 where something may still run */
export function runStopEverything(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('stop-everything', stopEverythingHelp, argv);
  if (given.words.length > 0) throw given.wrong();
  return untilStopped(async (signal) => {
    const names = (await listClusters()).map(({ path }) => basename(path));
    if (names.length === 0) {
      print('There are no clusters on this computer.');
      return 0;
    }
    const confirm = confirming(given.has('--yes'), signal);
    if (!(await confirm(`This ends ${names.join(', ')}, with all workers and kernels.`))) {
      print('Nothing was ended.');
      return 1;
    }
    const progress = (cluster: string, sentence: string): void => note(`${cluster}: ${sentence}`);
    const stopped = await stopEverything({ progress, signal });
    for (const { sentence } of stopped) print(sentence);
    return stopped.some(({ how }) => how === 'failed') ? 1 : 0;
  }, 'Stopped waiting; clusters that were told to end go on ending.');
}
