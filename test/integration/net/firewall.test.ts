import assert from 'node:assert/strict';
import { runLeashed } from '../../../src/base/child/leashed.js';
import { ClusterRig, Home, python } from '../../rigs/cluster/clusterRig.js';
import { WalledSites } from '../../rigs/net/walledSites.js';

/** A plain cluster of distributed's own over tcp://, its workers started inside the sites; prints how a computation ended. */
const plain = `
import asyncio, json, os, subprocess, sys
import dask
dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.comm.retry.count": 0, "distributed.admin.log-format": ""})
from distributed import Client, Scheduler

hub, enters = sys.argv[1], json.loads(sys.argv[2])

async def main():
    async with Scheduler(host=hub, port=0, dashboard_address="127.0.0.1:0") as scheduler:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler.address, "--no-nanny", "--no-dashboard", "--nthreads", "1"]
        workers = [subprocess.Popen([*enter, *command], stderr=subprocess.DEVNULL) for enter in enters]
        try:
            async with Client(scheduler.address, asynchronous=True) as client:
                await client.wait_for_workers(len(enters), timeout=30)
                futures = client.map(lambda x: x + 1, range(20), pure=False)
                try:
                    print(sum(await asyncio.wait_for(client.gather(futures), 8)), flush=True)
                except (TimeoutError, asyncio.TimeoutError, OSError) as error:
                    print("no connection:", type(error).__name__, flush=True)
        finally:
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.wait()

asyncio.run(asyncio.wait_for(main(), 60))
os._exit(0)
`;

/** What needs connections in every direction, workers to workers among them. */
const everyDirection = `
import os
import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.distributed import Client

client = Client()
namespaces = client.run(lambda: os.stat("/proc/self/ns/net").st_ino)

mapped = sum(client.gather(client.map(lambda x: x * x, range(200))))

array = np.arange(500_000)
future = client.scatter(array, broadcast=True)
scattered = int(client.submit(np.sum, future).result(timeout=30)), len(client.who_has(future)[future.key])

count = 50_000
frame = pd.DataFrame({"k": np.arange(count) * 7919 % 1009, "v": np.arange(count, dtype="f8")})
with dask.config.set({"dataframe.shuffle.method": "p2p"}):
    parts = dd.from_pandas(frame, npartitions=8).shuffle("k")
    sums = client.compute(parts.map_partitions(lambda p: p.groupby("k").v.sum().reset_index())).result(timeout=60)
shuffled = bool(sums.k.is_unique and np.allclose(sums.set_index("k").v.sort_index(), frame.groupby("k").v.sum()))

x = (da.arange(2000 * 300, chunks=250 * 300).reshape(2000, 300) % 97).astype("f8")
y = (np.arange(2000 * 300).reshape(2000, 300) % 97).astype("f8")
product = bool(np.allclose(client.compute(x.T @ x).result(timeout=60), y.T @ y))

result = {"namespaces": sorted(namespaces.values()), "mapped": mapped, "scattered": scattered, "shuffled": shuffled, "product": product}
`;

describe('sites behind firewalls', () => {
  let net: WalledSites;
  let home: Home;
  let rig: ClusterRig | undefined;

  before(async () => {
    net = new WalledSites();
    home = await Home.make();
  });
  after(async () => {
    await rig?.close();
    await home?.remove();
    net?.dispose();
  });

  const plainCluster = async (): Promise<string> => {
    const enters = JSON.stringify(net.sites.map((site) => site.enter));
    const run = await runLeashed({ command: python, args: ['-c', plain, net.hub, enters], timeoutMs: 90_000 });
    return run.stdout.trim() || run.stderr;
  };

  it('defeat a plain cluster over tcp://, which works as soon as they are open', async () => {
    assert.equal(await plainCluster(), '210');
    net.close();
    assert.equal(await plainCluster(), 'no connection: TimeoutError');
    assert.ok(
      net.sites.some((site) => net.dropped(site) > 0),
      'no site has dropped a connection',
    );
  });

  it('do not hinder a cluster over the relay, in any direction', async () => {
    net.close();
    rig = await ClusterRig.make({
      relay: { kind: 'own', host: net.hub, port: 0 },
      localSites: net.sites.map(({ name, enter }) => ({ name, slots: 4, enter: [...enter] })),
    });
    await rig.addPool(4);
    const before = net.sites.map((site) => net.dropped(site));
    assert.deepEqual(await rig.run(everyDirection), {
      // Two at each site: without this, workers that never went behind a firewall would do as well.
      namespaces: net.sites.flatMap((site) => [net.namespaceOf(site), net.namespaceOf(site)]).sort((a, b) => a - b),
      mapped: 2_646_700,
      scattered: [124_999_750_000, 4],
      shuffled: true,
      product: true,
    });
    assert.deepEqual(
      net.sites.map((site) => net.dropped(site)),
      before,
      'somebody has dialled a site',
    );
  });
});
