import { isDeepStrictEqual } from 'node:util';
import { SitespanError } from '../base/errors.js';
import { checkEnvironment } from '../environment/checkEnvironment.js';
import { calls } from './api.js';
import type { Cluster } from './cluster.js';
import { environmentOf } from './clusterFolder.js';
import { checkSites } from './clusterGrids.js';
import { checkSize } from './confirmation.js';
import { type Route, route } from './server.js';

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
      const life = ledger.life(worker);
      if (life === undefined || life.ended) {
        throw new SitespanError('worker-unknown', `The cluster ${cluster.settings.name} has no worker ${worker} now.`);
      }
      await cluster.pools.kill(life, 'its owner killed it');
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
    route(calls.schedulerCode, async () => ({
      url: await (await cluster.ready()).scheduler.browserUrl(),
    })),
    route(calls.issueClient, async ({ name }) => ({
      // Its prefix keeps it apart from the kernels' and the parts' own names.
      identity: (await cluster.ready()).identities.issue('client', `client-${name}`),
    })),
    route(calls.startKernel, async ({ cwd, python, environment, variables, coffeaCasa }) => {
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
      await (await cluster.ready()).kernels.get(kernel).restart();
      return {};
    }),
    route(calls.shutdownKernel, async ({ kernel }) => {
      await (await cluster.ready()).kernels.get(kernel).end();
      return {};
    }),
    route(calls.startJupyter, async () => (await cluster.ready()).jupyter.start()),
  ];
}
