"""Both ends of a comm over the shared relay, in one process, each with its own identity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from distributed.comm import connect, listen

from sitespan.comm.relay_comm import RelayComm
from sitespan.identity import Identity


class Ends:
    """A listener as the scheduler, and a client that dials it."""

    def __init__(self, listener: Identity, dialler: Identity) -> None:
        self.listener, self.dialler = listener, dialler
        self._accepted: asyncio.Queue[RelayComm] = asyncio.Queue()
        self._all: list[RelayComm] = []

    async def handle(self, comm: RelayComm) -> None:
        """Hand the accepted comm to the test."""
        self._all.append(comm)
        await self._accepted.put(comm)

    async def pair(self, **arguments: Any) -> tuple[RelayComm, RelayComm]:
        """A new comm: the dialler's end, the listener's end."""
        near = await connect(
            "relay://scheduler:8786", **{"identity": self.dialler, "timeout": 20, **arguments}
        )
        assert isinstance(near, RelayComm)
        self._all.append(near)
        return near, await asyncio.wait_for(self._accepted.get(), 10)

    @asynccontextmanager
    async def listening(self, **arguments: Any) -> AsyncIterator[Any]:
        """Listen while the context lasts; then end every comm that was made."""
        arguments = {"identity": self.listener, **arguments}
        async with listen("relay://:8786", self.handle, **arguments) as listener:
            yield listener
            for comm in self._all:
                comm.abort()
            await asyncio.sleep(0.05)
