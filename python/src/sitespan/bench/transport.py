"""One case of ``sitespan bench transport``: ``python -m sitespan.bench.transport CASE FOLDER …``.

Starts a scheduler, workers and an echo over the case's transport, is their client, and prints one
JSON object as the last line: what a task, a gigabyte, a round trip and a connect have cost. Numbers
of the relay are 0 where there is none. FOLDER holds the identities, ``<subject>.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client
from distributed.comm import connect
from distributed.protocol import to_serialize

from sitespan.bench.ends import CASES, Case, security
from sitespan.bench.usage import cpu_seconds, resident_bytes

_ARRAY_BYTES = 64 << 20
_WORKER_PROCESSES = 4
_CONNECTS_AT_ONCE = 8
_LIMIT_SECONDS = 60.0
_WARM_TASKS, _WARM_TRIPS = 500, 200

Spent = Callable[[], dict[str, float]]


def noop(number: int) -> int:
    """Do nothing, so that all the work is Dask's and the transport's."""
    return number


@contextmanager
def end(*arguments: str) -> Iterator[tuple[int, str]]:
    """Run one end of `sitespan.bench.ends`; its process id and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sitespan.bench.ends", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"The benchmark's {arguments[0]} ended before it served.")
        yield process.pid, address
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def meter(relay: int | None, **groups: list[int]) -> Spent:
    """Begin to measure; the answer tells CPU seconds of each group since, and wall ``seconds``."""
    if relay is not None:
        groups["relay"] = [relay]

    def read() -> dict[str, float]:
        used = {name: sum(map(cpu_seconds, pids)) for name, pids in groups.items()}
        return {"relay": 0.0, **used, "seconds": time.perf_counter()}

    before = read()
    return lambda: {name: value - before[name] for name, value in read().items()}


async def measure_tasks(client: Client, count: int, spent: Callable[[], Spent]) -> dict[str, float]:
    """Run no-op tasks; milliseconds for one."""
    await client.gather(client.map(noop, range(_WARM_TASKS), pure=False))
    used = spent()
    await client.gather(client.map(noop, range(count), pure=False))
    cost = used()
    return {
        "taskCpuMs": cost["cluster"] / count * 1e3,
        "taskRelayMs": cost["relay"] / count * 1e3,
        "taskWallMs": cost["seconds"] / count * 1e3,
    }


async def measure_bulk(comm: Any, gigabytes: float, spent: Callable[[], Spent]) -> dict[str, float]:
    """Send arrays of 64 MiB one way, each answered by its size; CPU seconds for 10^9 bytes."""
    array = np.frombuffer(np.random.default_rng(1).bytes(_ARRAY_BYTES), dtype="u1")
    large = {"large": to_serialize(array)}
    count = max(1, round(gigabytes * 1e9 / _ARRAY_BYTES))
    used = spent()
    for _ in range(count):
        await comm.write(large)
        await comm.read()
    cost, moved = used(), count * _ARRAY_BYTES / 1e9
    return {
        "endsCpuPerGb": cost["ends"] / moved,
        "relayCpuPerGb": cost["relay"] / moved,
        "megabytesPerSecond": moved * 1e3 / cost["seconds"],
    }


async def measure_trips(comm: Any, count: int) -> dict[str, float]:
    """Send small messages and wait for each answer; microseconds."""
    took = []
    for number in range(_WARM_TRIPS + count):
        begun = time.perf_counter()
        await comm.write({"op": "ping", "number": number})
        await comm.read()
        took.append((time.perf_counter() - begun) * 1e6)
    cuts = statistics.quantiles(took[_WARM_TRIPS:], n=100)
    return {"tripP50Us": cuts[49], "tripP99Us": cuts[98]}


async def measure_connects(address: str, count: int, proof: dict[str, Any]) -> dict[str, float]:
    """Open comms, eight at a time, have each answer one message, and close them."""
    turns = asyncio.Semaphore(_CONNECTS_AT_ONCE)

    async def one() -> None:
        async with turns:
            comm = await connect(address, timeout=_LIMIT_SECONDS, **proof)
            await comm.write({"op": "ping"})
            await comm.read()
            await comm.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    return {"connectsPerSecond": count / (time.perf_counter() - begun)}


async def measure(case: Case, folder: Path, given: argparse.Namespace) -> dict[str, float]:
    """Start the far ends, and measure one thing after the other."""
    relay = given.relay_pid if case.startswith("relay") else None
    where, us = str(folder), os.getpid()
    proof = security(case, folder, "client")
    with ExitStack() as ends:
        scheduler, address = ends.enter_context(end("scheduler", case, where))
        echo, echo_address = ends.enter_context(end("echo", case, where))
        parts = min(_WORKER_PROCESSES, given.workers)
        first, workers = 1, []
        for part in range(parts):
            count = (given.workers + part) // parts
            place = (address, str(first), str(count))
            workers.append(ends.enter_context(end("workers", case, where, *place))[0])
            first += count

        def spent() -> Spent:
            return meter(relay, cluster=[scheduler, us, *workers], ends=[us, echo])

        async with Client(
            address, security=proof, asynchronous=True, timeout=_LIMIT_SECONDS
        ) as client:
            await client.wait_for_workers(given.workers, timeout=_LIMIT_SECONDS)
            found = await measure_tasks(client, given.tasks, spent)
        arguments = proof.get_connection_args("client")
        comm = await connect(echo_address, timeout=_LIMIT_SECONDS, **arguments)
        found |= await measure_trips(comm, given.trips)
        found |= await measure_bulk(comm, given.gigabytes, spent)
        await comm.close()
        found |= await measure_connects(echo_address, given.connects, arguments)
        megabytes = 0.0 if relay is None else resident_bytes(relay) / 1e6
        return {**found, "relayMegabytes": megabytes}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.bench.transport")
    parser.add_argument("case", choices=CASES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--relay-pid", type=int, required=True)
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--gigabytes", type=float, required=True)
    parser.add_argument("--trips", type=int, required=True)
    parser.add_argument("--connects", type=int, required=True)
    given = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    print(json.dumps(asyncio.run(measure(given.case, given.folder, given))), flush=True)


if __name__ == "__main__":
    main()
