import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { Log } from '../base/log.js';
import { Redactor } from '../base/redactor.js';
import { socketPath } from '../base/runtimePaths.js';
import { Cluster } from './cluster.js';
import { ClusterFolder } from './clusterFolder.js';
import { routesOf } from './routes.js';
import { KeeperServer } from './server.js';

/**
 * The keeper as a process of its own: keeps the cluster of a folder until it is closed.
 *
 * Crash-only: it may be killed at any moment, and starting it again is reading the journal.
 *
 * @returns the exit code; 0 when the cluster was closed, so that nobody starts it again
 */
export async function runKeeper(argv: readonly string[]): Promise<number> {
  const { folder: path } = parseArgs({ args: [...argv], options: { folder: { type: 'string' } } }).values;
  if (path === undefined) throw new SitespanError('usage', 'sitespan keeper --folder FOLDER');
  const log = new Log((line) => process.stderr.write(line), new Redactor(), { scope: 'keeper' });
  process.on('uncaughtException', (error) => log.error('an exception nobody caught', { error }));
  process.on('unhandledRejection', (error) => log.error('a rejection nobody caught', { error }));
  const cluster = await Cluster.open(new ClusterFolder(path), log);
  const server = new KeeperServer(
    { routes: routesOf(cluster), snapshot: () => cluster.snapshot, onDidChange: cluster.onDidChange },
    log.scoped('api'),
  );
  await server.listen(await socketPath(path));
  log.info('keeping', { cluster: cluster.settings.id, pid: process.pid });
  await cluster.run();
  server.sendNow();
  server.dispose();
  log.info('closed', { cluster: cluster.settings.id });
  return 0;
}
