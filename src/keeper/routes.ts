import { isDeepStrictEqual } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { checkEnvironment } from '../environment/checkEnvironment.js';
import { calls } from './api.js';
import type { Cluster } from './cluster.js';
import { environmentOf } from './clusterFolder.js';
import { checkSites } from './clusterGrids.js';
import { checkSize } from './confirmation.js';
import { keepRun } from './keepRun.js';
import { type Route, route } from './server.js';
import { throughputView } from './throughputView.js';
import { outputAfter } from './worker/outputAfter.js';
import { workerTable } from './workerTable.js';

/** What each call of the API does with the cluster. */
export function routesOf(cluster: Cluster): Route[] {
  const { ledger } = cluster;
  const now = (): number => Date.now() / 1000;
  const poolOf = (name: string) => {
    const pool = ledger.pool(name);
    if (pool === undefined)
      throw new SitespanError('pool-unknown', `The cluster ${cluster.settings.name} has no pool ${name}.`);
    return pool;
  };
  const lifeOf = (worker: string) => {
    const life = ledger.life(worker);
    if (life === undefined || life.ended)
      throw new SitespanError('worker-unknown', `The cluster ${cluster.settings.name} has no worker ${worker} now.`);
    return life;
  };
  return [
    route(calls.clusterState, async () => cluster.snapshot),
    route(calls.closeCluster, async () => {
      await cluster.close('asked', 'its owner closed it');
      return {};
    }),
    route(calls.createPool, async (pool) => {
      checkSites(cluster.settings, pool.grid, pool.sites);
      if (ledger.pool(pool.name) !== undefined) {
        throw new SitespanError('pool-exists', `The cluster ${cluster.settings.name} has a pool ${pool.name} already.`);
      }
      await cluster.record({ is: 'pool', at: now(), pool });
      return {};
    }),
    route(calls.scalePool, async ({ pool, workers, confirmed }) => {
      checkSize({ pool: poolOf(pool), workers, confirmed }, ledger.pools, cluster.settings.limits.workersUnconfirmed);
      await cluster.record({ is: 'scale', at: now(), pool, workers });
      return {};
    }),
    route(calls.adaptPool, async ({ pool, minimum, maximum, confirmed }) => {
      const wish = { pool: poolOf(pool), workers: maximum, confirmed };
      checkSize(wish, ledger.pools, cluster.settings.limits.workersUnconfirmed);
      await cluster.record({ is: 'adapt', at: now(), pool, minimum, maximum });
      return {};
    }),
    route(calls.listLives, async ({ pool }) =>
      ledger.lives.filter((life) => pool === undefined || life.pool === pool).map((life) => life.snapshot()),
    ),
    route(calls.killWorker, async ({ worker }) => {
      await cluster.pools.kill(lifeOf(worker), 'its owner killed it');
      return {};
    }),
    route(calls.revokeToken, async ({ token }) => {
      if (ledger.bulkOfToken(token) === undefined) {
        throw new SitespanError(
          'token-unknown',
          `The cluster ${cluster.settings.name} never issued the join token ${token}.`,
        );
      }
      await cluster.record({ is: 'token-revoked', at: now(), token });
      return {};
    }),
    route(calls.throughputSeries, async () => cluster.throughput.series()),
    route(calls.throughputView, async (wish) => throughputView(cluster.runSoFar, wish)),
    route(calls.workerTable, async () => ({ rows: workerTable(cluster.runSoFar) })),
    route(calls.exportRun, async () => ({ id: cluster.settings.id, path: await keepRun(cluster.runSoFar) })),
    route(calls.schedulerCode, async () => ({
      url: await (await cluster.ready()).scheduler.browserUrl(),
    })),
    route(calls.issueClient, async ({ name }) => ({
      // Its prefix keeps it apart from the kernels' and the parts' own names.
      identity: (await cluster.ready()).identities.issue('client', `client-${name}`),
    })),
    route(calls.startKernel, async ({ cwd, python, environment, variables, coffeaCasa, notebook }) => {
      const { settings, folder } = cluster;
      const own = environment ?? (python === undefined ? undefined : environmentOf({ python }));
      // The cluster's own was looked at when the cluster was made, and the kernel says itself what it lacks.
      if (own !== undefined && !isDeepStrictEqual(own, environmentOf(settings))) {
        await checkEnvironment(own, folder.python, 'kernel');
      }
      const { kernels } = await cluster.ready();
      return kernels.start({
        cwd,
        python: python ?? settings.python,
        environment: own ?? settings.environment,
        variables,
        coffeaCasa,
        notebook,
      });
    }),
    route(calls.runNotebook, async ({ kernel, ...run }) => {
      await (await cluster.ready()).kernels.get(kernel).notebook(run);
      return {};
    }),
    route(calls.interruptKernel, async ({ kernel }) => {
      await (await cluster.ready()).kernels.get(kernel).interrupt();
      return {};
    }),
    route(calls.restartKernel, async ({ kernel }) => {
      await (await cluster.ready()).kernels.restart(kernel);
      return {};
    }),
    route(calls.assignKernel, async ({ kernel, notebook }) => {
      await (await cluster.ready()).kernels.assign(kernel, notebook);
      return {};
    }),
    route(calls.shutdownKernel, async ({ kernel }) => {
      await (await cluster.ready()).kernels.end(kernel, 'its owner shut it down');
      return {};
    }),
    route(calls.listSites, () => cluster.sites.list()),
    route(calls.probeSite, async ({ grid, site, environment }) => {
      checkSites(cluster.settings, grid, [site]);
      // For the relay's address, which the job tries.
      await cluster.ready();
      return cluster.probes.probe(grid, site, environment);
    }),
    route(calls.drainWorker, async ({ worker }) => {
      if (lifeOf(worker).phase !== 'draining') await cluster.record({ is: 'worker-drained', at: now(), life: worker });
      return {};
    }),
    route(calls.listWorkers, async ({ pool, lost }) => {
      const own = ledger.lives.filter((life) => life.pool === poolOf(pool).spec.name);
      const gone = lost === 0 ? [] : own.filter((life) => life.ended && !life.hasReached('draining')).slice(-lost);
      return [...own.filter((life) => !life.ended), ...gone].map((life) => life.glance());
    }),
    route(calls.workerLog, async ({ worker, offset, seen }) => {
      const life = ledger.life(worker);
      if (life === undefined) {
        throw new SitespanError('worker-unknown', `The cluster ${cluster.settings.name} never had a worker ${worker}.`);
      }
      return outputAfter(await cluster.pools.output(life), offset, seen);
    }),
    route(calls.startJupyter, async () => (await cluster.ready()).jupyter.start()),
  ];
}
