"""A scheduler, two workers and a client of ours in the test's own process, over the real relay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from distributed import Client
from distributed.comm import Comm, connect
from distributed.core import send_recv

import rig
from sitespan import identity
from sitespan.comm.security import RelaySecurity
from sitespan.coordination import let_tasks_coordinate
from sitespan.dask_worker import DaskWorker
from sitespan.scheduler import ClusterScheduler

SCHEDULER = "relay://scheduler:8786"


@dataclass
class Dask:
    """A scheduler, two workers and a client in this process; and strangers at the door."""

    cluster: rig.RelayedCluster
    scheduler: ClusterScheduler
    workers: list[DaskWorker]
    client: Client

    async def ask(
        self, server: str, role: str, subject: str, operation: str, /, **message: object
    ) -> object:
        comm = await self.connect(server, role, subject)
        try:
            return await send_recv(comm, op=operation, **message)
        finally:
            comm.abort()

    async def connect(self, address: str, role: str, subject: str) -> Comm:
        security = RelaySecurity(self.cluster.identity(role, subject))
        return await connect(address, timeout=10, **security.get_connection_args(role))


@asynccontextmanager
async def running(cluster: rig.RelayedCluster) -> AsyncIterator[Dask]:
    let_tasks_coordinate()

    def security(role: str, subject: str) -> RelaySecurity:
        return RelaySecurity(cluster.identity(role, subject))

    identity.use(cluster.identity("client", "me"))
    folder = str(cluster.folder)
    async with ClusterScheduler(
        protocol="relay", port=8786, token="t" * 64, security=security("scheduler", "scheduler")
    ) as scheduler:
        workers = [
            DaskWorker(
                SCHEDULER,
                name=n,
                nthreads=1,
                security=security("worker", n),
                local_directory=folder,
            )
            for n in ("north-1", "south-1")
        ]
        async with workers[0], workers[1]:
            async with Client(
                SCHEDULER, asynchronous=True, security=security("client", "me")
            ) as client:
                yield Dask(cluster, scheduler, workers, client)
