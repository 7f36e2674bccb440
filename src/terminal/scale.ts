import { adaptPool, scalePool } from '../owner/scalePool.js';
import { confirming } from './confirming.js';
import { GivenArguments } from './givenArguments.js';
import { adaptHelp, scaleHelp } from './help/clusterHelp.js';
import { note, print } from './print.js';
import { wholeNumber } from './quantities.js';
import { untilStopped } from './untilStopped.js';
import { withCluster } from './withCluster.js';

/** `sitespan scale CLUSTER POOL N`: a fixed number of workers. */
export function runScale(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('scale', scaleHelp, argv);
  const [cluster = '', pool = '', number = ''] = given.exactly(3);
  const workers = wholeNumber(number, 'The number of workers');
  return untilStopped(async (signal) => {
    const sizing = { signal, progress: note, confirm: confirming(given.has('--yes'), signal) };
    const done = await withCluster(cluster, signal, (client) => scalePool(client, { pool, workers }, sizing));
    print(done ? `Pool ${pool} of ${cluster} is to have ${workers} workers.` : 'Nothing was changed.');
    return done ? 0 : 1;
  });
}

/** `sitespan adapt CLUSTER POOL MIN MAX`: as many as the scheduler has use for, between the two. */
export function runAdapt(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('adapt', adaptHelp, argv);
  const [cluster = '', pool = '', least = '', most = ''] = given.exactly(4);
  const minimum = wholeNumber(least, 'MIN');
  const maximum = wholeNumber(most, 'MAX', minimum);
  return untilStopped(async (signal) => {
    const sizing = { signal, progress: note, confirm: confirming(given.has('--yes'), signal) };
    const done = await withCluster(cluster, signal, (client) => adaptPool(client, { pool, minimum, maximum }, sizing));
    const said = `Pool ${pool} of ${cluster} follows the scheduler, with ${minimum} to ${maximum} workers.`;
    print(done ? said : 'Nothing was changed.');
    return done ? 0 : 1;
  });
}
