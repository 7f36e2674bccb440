"""The far ends of a measurement: a scheduler, workers, or an echo, each a process of its own.

``python -m sitespan.bench.ends ROLE CASE FOLDER [ADDRESS COUNT]`` prints its address when it is up,
and ends when its stdin does. FOLDER holds an identity a subject, ``<subject>.json``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Literal

import dask
from distributed import Scheduler, Worker
from distributed.comm import CommClosedError, listen
from distributed.security import Security

from sitespan.comm.security import RelaySecurity
from sitespan.counting_hooks import CountingHooks
from sitespan.dask_worker import DaskWorker
from sitespan.identity import Identity

Case = Literal["relay", "relay-once", "tcp", "tls"]
CASES: tuple[Case, ...] = ("relay", "relay-once", "tcp", "tls")


def security(case: Case, folder: Path, subject: str) -> Security:
    """How this case proves itself as `subject`; the certificates are the same in all of them."""
    if case == "tcp":
        return Security()
    identity = Identity.load(str(folder / f"{subject}.json"))
    if case != "tls":
        dask.config.set({"sitespan.resume": case == "relay"})
        return RelaySecurity(identity)
    tls = identity.tls
    mine = {
        f"tls_{role}_{what}": value
        for role in ("scheduler", "worker", "client")
        for what, value in (("cert", tls.cert), ("key", tls.key))
    }
    return Security(tls_ca_file=tls.ca, require_encryption=True, **mine)


def listen_address(case: Case) -> str:
    """Where an end of this case listens: any number or port."""
    return "relay://" if case.startswith("relay") else f"{case}://127.0.0.1"


async def scheduler(case: Case, folder: Path) -> None:
    """Run a scheduler until stdin ends."""
    place: dict[str, Any] = {"protocol": "relay", "port": 8786}
    if not case.startswith("relay"):
        place = {"protocol": case, "host": "127.0.0.1", "port": 0}
    proof = security(case, folder, "scheduler")
    async with Scheduler(
        **place, security=proof, dashboard=False, dashboard_address="127.0.0.1:0"
    ) as running:
        await _until_stdin_ends(running.address)


async def workers(case: Case, folder: Path, address: str, first: int, count: int) -> None:
    """Run workers of one thread each until stdin ends."""
    place = {} if case.startswith("relay") else {"host": "127.0.0.1"}
    names = [f"bench-{number}" for number in range(first, first + count)]
    started = [
        Worker(
            address,
            name=name,
            nthreads=1,
            memory_limit=0,
            dashboard=False,
            dashboard_address="127.0.0.1:0",
            security=security(case, folder, name),
            **place,
        )
        for name in names
    ]
    await asyncio.gather(*started)
    await _until_stdin_ends(started[0].address)
    await asyncio.gather(*(worker.close(timeout=2) for worker in started))


async def counted(case: Case, folder: Path, address: str) -> None:
    """Run one worker of the kind that jobs run, with its counting hooks, until stdin ends."""
    CountingHooks().install()
    proof = security(case, folder, "bench-1")
    async with DaskWorker(address, nthreads=1, memory_limit=0, security=proof) as running:
        await _until_stdin_ends(running.address)


async def echo(case: Case, folder: Path) -> None:
    """Send small messages back, and say how many bytes a large one had, until stdin ends."""

    async def handle(comm: Any) -> None:
        try:
            while True:
                message = await comm.read()
                large = message.get("large")
                await comm.write(message if large is None else {"bytes": large.nbytes})
        except CommClosedError:
            pass

    proof = security(case, folder, "bench-1").get_listen_args("worker")
    async with listen(listen_address(case), handle, **proof) as listener:
        await _until_stdin_ends(listener.contact_address)


async def _until_stdin_ends(address: str) -> None:
    print(address, flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main(arguments: list[str]) -> None:
    """Run one end."""
    role, case, folder, *more = arguments
    known = next(one for one in CASES if one == case)
    if role == "scheduler":
        asyncio.run(scheduler(known, Path(folder)))
    elif role == "echo":
        asyncio.run(echo(known, Path(folder)))
    elif role == "counted":
        asyncio.run(counted(known, Path(folder), more[0]))
    else:
        address, first, count = more
        asyncio.run(workers(known, Path(folder), address, int(first), int(count)))


if __name__ == "__main__":
    main(sys.argv[1:])
