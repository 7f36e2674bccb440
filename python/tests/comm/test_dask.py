"""A real scheduler, two workers and a client, each a process of its own, over the real relay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pandas as pd
import pytest
from distributed import Client

import rig
from sitespan.comm.security import RelaySecurity

ADDRESS = "relay://scheduler:8786"

SCHEDULER = """
import asyncio, rig
rig.register_backend()
from distributed import Scheduler
from sitespan.comm.security import RelaySecurity
from sitespan.identity import Identity
async def main():
    security = RelaySecurity(Identity.current())
    pages = "127.0.0.1:0"
    async with Scheduler(
        protocol="relay", port=8786, dashboard_address=pages, security=security
    ) as s:
        print(s.address, flush=True)
        await s.finished()
asyncio.run(main())
"""
WORKER = """
import asyncio, rig
rig.register_backend()
from distributed import Worker
from sitespan.comm.security import RelaySecurity
from sitespan.identity import Identity
async def main():
    identity = Identity.current()
    name = identity.credential.subject
    security, pages = RelaySecurity(identity), "127.0.0.1:0"
    async with Worker(
        "relay://scheduler:8786", name=name, nthreads=1, security=security, dashboard_address=pages
    ) as w:
        print(w.address, flush=True)
        await w.finished()
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def client(
    shared_relay: rig.RelayProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    cluster = rig.RelayedCluster(shared_relay, tmp_path_factory.mktemp("dask"))
    with ExitStack() as stack:
        programs = [(SCHEDULER, "scheduler", "scheduler")]
        programs += [(WORKER, "worker", name) for name in ("north-1", "south-1")]
        for code, role, subject in programs:
            path = cluster.save(cluster.identity(role, subject))
            child = stack.enter_context(rig.process("-c", code, identity=path))
            assert child.stdout is not None
            assert child.stdout.readline().startswith(f"relay://{subject}:")
        security = RelaySecurity(cluster.identity("client", "notebook"))
        connected = stack.enter_context(Client(ADDRESS, security=security, timeout=20))
        connected.wait_for_workers(2, timeout=20)
        yield connected


def test_map_and_gather(client: Client) -> None:
    futures = client.map(lambda x: x * x, range(500))
    assert sum(client.gather(futures)) == sum(x * x for x in range(500))


def test_scatter_and_broadcast(client: Client) -> None:
    array = np.arange(1_000_000)
    future = client.scatter(array, broadcast=True)
    assert client.submit(np.sum, future).result(timeout=30) == array.sum()
    assert len(client.who_has(future)[future.key]) == 2


def test_run_on_every_worker(client: Client) -> None:
    names = client.run(lambda dask_worker: dask_worker.name)
    assert sorted(names.values()) == ["north-1", "south-1"]
    assert all(address.startswith("relay://") for address in names)


def test_p2p_shuffle_across_sites(client: Client) -> None:
    import dask
    import dask.dataframe as dd

    count = 100_000
    frame = pd.DataFrame({"k": np.arange(count) * 7919 % 1009, "v": np.arange(count, dtype="f8")})
    with dask.config.set({"dataframe.shuffle.method": "p2p"}):
        parts = dd.from_pandas(frame, npartitions=8).shuffle("k")
        sums = parts.map_partitions(lambda part: part.groupby("k").v.sum().reset_index())
        result = client.compute(sums).result(timeout=60)
    expected = frame.groupby("k").v.sum()
    assert result.k.is_unique
    np.testing.assert_allclose(result.set_index("k").v.sort_index(), expected)


def test_array_product_across_sites(client: Client) -> None:
    import dask.array as da

    x = (da.arange(4000 * 300, chunks=500 * 300).reshape(4000, 300) % 97).astype("f8")
    product = client.compute(x.T @ x).result(timeout=60)
    y = (np.arange(4000 * 300).reshape(4000, 300) % 97).astype("f8")
    np.testing.assert_allclose(product, y.T @ y)
