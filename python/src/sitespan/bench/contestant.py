"""One transport in a comparison: ``python -m sitespan.bench.contestant TRANSPORT …``.

Starts a scheduler, workers and an echo over its transport, and is itself their client. Then it
reads one JSON object a line on stdin, does what that says, and answers with one on stdout. Several
contestants stand side by side, and src/bench has them measure by turns: so a change in the
machine's load meets all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from distributed.comm import connect
from distributed.protocol import to_serialize

from sitespan.bench.serving import Serving, cpu_of
from sitespan.bench.transport import Transport
from sitespan.bench.usage import cpu_seconds, resident_bytes, sockets

_ARRAY_BYTES = 64 << 20
_CONNECTS_AT_ONCE = 8
_CONNECT_SECONDS = 30.0
_PROCESSES_OF_WORKERS = 4


def noop(number: int) -> int:
    """Do nothing, so that all the work is Dask's and the transport's."""
    return number


class Contestant:
    """A cluster over one transport, and what can be measured of it.

    Parameters
    ----------
    folder
        Holds ``client.json``, ``scheduler.json`` and ``node-N.json``: identities.
    relay
        Process id of the relay; None where there is none.
    """

    def __init__(
        self, transport: Transport, folder: Path, *, count: int, relay: int | None
    ) -> None:
        self._transport, self._relay, self._count = transport, relay, count
        identity = folder / "scheduler.json"
        self._scheduler = Serving(identity, "scheduler", transport.value)
        self._echo = Serving(identity, "echo", transport.value)
        address = self._scheduler.address()
        parts = min(_PROCESSES_OF_WORKERS, count)
        self._workers = [
            Serving(
                folder / f"node-{part}.json",
                *("workers", transport.value, "--scheduler", address),
                *("--count", str((count + part) // parts)),
            )
            for part in range(parts)
        ]
        self._address = address
        self._security = transport.security()
        self._connection_args = (
            {} if self._security is None else self._security.get_connection_args("client")
        )

    async def start(self) -> None:
        """Wait until all serve, and open what the measurements need."""
        for process in self._workers:
            process.address()
        self._echo_address = self._echo.address()
        self._client = await Client(
            self._address, security=self._security, asynchronous=True, timeout=_CONNECT_SECONDS
        )
        await self._client.wait_for_workers(self._count, timeout=_CONNECT_SECONDS)
        self._comm = await self._connect()
        array = np.frombuffer(np.random.default_rng(1).bytes(_ARRAY_BYTES), dtype="u1")
        self._array = to_serialize(array)

    async def tasks(self, count: int) -> dict[str, float]:
        """Run no-op tasks; CPU seconds of each part of the cluster."""
        spent = self._meter(
            scheduler=lambda: cpu_seconds(self._scheduler.pid),
            workers=lambda: cpu_of(self._workers),
            client=lambda: cpu_seconds(os.getpid()),
        )
        futures = self._client.map(noop, range(count), pure=False)
        await self._client.gather(futures)
        result = spent()
        del futures
        return result

    async def bulk(self, count: int) -> dict[str, float]:
        """Send `count` arrays of 64 MiB one way; CPU seconds of both ends."""
        spent = self._ends()
        for _ in range(count):
            await self._comm.write({"array": self._array})
            await self._comm.read()
        return {**spent(), "bytes": count * _ARRAY_BYTES}

    async def trips(self, count: int) -> dict[str, float]:
        """Send small messages and wait for each answer; percentiles in microseconds."""
        spent = self._ends()
        took = []
        for number in range(count):
            begun = time.perf_counter()
            await self._comm.write({"op": "ping", "number": number})
            await self._comm.read()
            took.append((time.perf_counter() - begun) * 1e6)
        cuts = statistics.quantiles(took, n=100)
        return {**spent(), "p50": cuts[49], "p99": cuts[98]}

    async def connects(self, count: int) -> dict[str, float]:
        """Open comms, eight at a time, have each answer one message, and close them."""
        spent = self._ends()
        turns = asyncio.Semaphore(_CONNECTS_AT_ONCE)

        async def one() -> None:
            async with turns:
                comm = await self._connect()
                await comm.write({"op": "ping"})
                await comm.read()
                await comm.close()

        await asyncio.gather(*(one() for _ in range(count)))
        return spent()

    async def memory(self, count: int) -> dict[str, float]:
        """Return what the relay has in RAM, and for how many sockets."""
        if self._relay is None:
            return {"bytes": 0, "sockets": 0}
        return {"bytes": resident_bytes(self._relay), "sockets": sockets(self._relay)}

    async def _connect(self) -> Any:
        return await connect(self._echo_address, timeout=_CONNECT_SECONDS, **self._connection_args)

    def _ends(self) -> Callable[[], dict[str, float]]:
        return self._meter(
            ends=lambda: cpu_seconds(os.getpid()) + cpu_seconds(self._echo.pid),
        )

    def _meter(self, **parts: Callable[[], float]) -> Callable[[], dict[str, float]]:
        """Begin to measure; what is returned tells what was spent since, each part and `seconds`."""
        relay = self._relay
        if relay is not None:
            parts["relay"] = lambda: cpu_seconds(relay)
        parts["seconds"] = time.perf_counter
        before = {name: read() for name, read in parts.items()}
        return lambda: {name: read() - before[name] for name, read in parts.items()}


async def serve(contestant: Contestant) -> None:
    """Answer one line after the other until stdin ends."""
    await contestant.start()
    work = {
        "tasks": contestant.tasks,
        "bulk": contestant.bulk,
        "trips": contestant.trips,
        "connects": contestant.connects,
        "memory": contestant.memory,
    }
    print(json.dumps({"ready": True}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        print(json.dumps(await work[asked["do"]](int(asked["count"]))), flush=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.bench.contestant")
    parser.add_argument("transport", type=Transport)
    parser.add_argument("--folder", type=Path, required=True, help="where the identities are")
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--relay", type=int, help="process id of the relay")
    given = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    contestant = Contestant(
        given.transport, given.folder, count=given.workers, relay=given.relay
    )
    asyncio.run(serve(contestant))


if __name__ == "__main__":
    main()
