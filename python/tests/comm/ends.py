"""Two ends of relay:// comms in one process: a listener with a handler, and whoever dials it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from distributed.comm import CommClosedError, connect, listen

import rig
from sitespan.comm.relay_comm import RelayComm
from sitespan.comm.security import RelaySecurity
from sitespan.identity import Identity

Handler = Callable[[RelayComm], Awaitable[None]]


async def echo(comm: RelayComm) -> None:
    """Send back whatever comes, until the peer closes."""
    try:
        while True:
            await comm.write(await comm.read())
    except CommClosedError:
        pass


@asynccontextmanager
async def listening(identity: Identity, handler: Handler = echo) -> AsyncIterator[str]:
    """Listen as `identity`; gives the address."""
    arguments = RelaySecurity(identity).get_listen_args("worker")
    async with listen("relay://", handler, **arguments) as listener:
        yield listener.contact_address


async def dial(address: str, identity: Identity, timeout: float = 10) -> RelayComm:
    """Open a comm as `identity`."""
    arguments = RelaySecurity(identity).get_connection_args("client")
    comm = await connect(address, timeout=timeout, **arguments)
    assert isinstance(comm, RelayComm)
    return comm


def pair(cluster: rig.RelayedCluster) -> tuple[Identity, Identity]:
    """Identities of a worker that listens and a client that dials."""
    return cluster.identity("worker", "north-1"), cluster.identity("client", "notebook")


@asynccontextmanager
async def joined(
    cluster: rig.RelayedCluster, **arguments: object
) -> AsyncIterator[tuple[RelayComm, RelayComm]]:
    """Give both ends of one comm: the dialler's (a client) and the listener's (a worker)."""
    listener, dialler = pair(cluster)
    accepted: asyncio.Queue[RelayComm] = asyncio.Queue()
    listens = RelaySecurity(listener).get_listen_args("worker")
    dials = RelaySecurity(dialler).get_connection_args("client")
    async with listen("relay://", accepted.put, **listens, **arguments) as listening:
        near = await connect(listening.contact_address, timeout=10, **dials, **arguments)
        assert isinstance(near, RelayComm)
        far = await asyncio.wait_for(accepted.get(), 5)
        try:
            yield near, far
        finally:
            near.abort()
            far.abort()
