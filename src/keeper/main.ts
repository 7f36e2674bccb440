import { parseArgs } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { lineSink } from '../base/lineSink.js';
import { Log, type LogLevel, logLevels } from '../base/log.js';
import { Redactor } from '../base/redactor.js';
import { claimSocketPath } from '../base/runtimePaths.js';
import { sleep } from '../base/waiting.js';
import { Cluster } from './cluster.js';
import { ClusterFolder } from './clusterFolder.js';
import { routesOf } from './routes.js';
import { KeeperServer } from './server.js';

const lookAtDoorMs = 2000;

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
  const log = new Log(lineSink(process.stderr.fd), new Redactor(), { scope: 'keeper', level: wishedLevel() });
  process.on('uncaughtException', (error) => log.error('an exception nobody caught', { error }));
  process.on('unhandledRejection', (error) => log.error('a rejection nobody caught', { error }));
  const cluster = await Cluster.open(new ClusterFolder(path), log);
  const server = new KeeperServer(
    { routes: routesOf(cluster), snapshot: () => cluster.snapshot, onDidChange: cluster.onDidChange },
    log.scoped('api'),
  );
  await server.listen(await claimSocketPath(path));
  const ended = new AbortController();
  const reachable = stayReachable(server, path, log, ended.signal);
  log.info('keeping', { cluster: cluster.settings.id, pid: process.pid });
  await cluster.run();
  ended.abort();
  await reachable;
  server.sendNow();
  server.dispose();
  log.info('closed', { cluster: cluster.settings.id });
  return 0;
}

/** `SITESPAN_LOG=debug` in the environment that a keeper is started from says more; nonsense is no reason not to start. */
function wishedLevel(): LogLevel {
  return logLevels.find((level) => level === process.env['SITESPAN_LOG']) ?? 'info';
}

/** A computer may remove its runtime folder when the user logs out; the cluster stays, and so must its socket. */
async function stayReachable(server: KeeperServer, folder: string, log: Log, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      const path = await claimSocketPath(folder);
      if (!(await server.listensAt(path))) await server.listen(path);
    } catch (error) {
      log.warning('callers cannot reach this keeper', { error });
    }
    await sleep(lookAtDoorMs, ended).catch(() => undefined);
  }
}
