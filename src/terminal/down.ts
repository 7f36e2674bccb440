import { closeCluster } from '../owner/closeCluster.js';
import { GivenArguments } from './givenArguments.js';
import { downHelp } from './help/clusterHelp.js';
import { note, print } from './print.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

/** `sitespan down NAME`: ends a cluster and everything of it. */
export function runDown(argv: readonly string[]): Promise<number> {
  const [name = ''] = GivenArguments.read('down', downHelp, argv).exactly(1);
  return untilStopped(async (signal) => {
    await withCluster(name, signal, (client) => closeCluster(client, { progress: note, signal }));
    print(`The cluster ${name} has ended.`);
    return 0;
  }, `Stopped waiting; the cluster ${name} goes on ending.`);
}
