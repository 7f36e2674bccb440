"""One serving process of a benchmark: ``python -m sitespan.bench.server WHAT TRANSPORT …``.

``scheduler`` and ``workers`` are distributed's own classes, so that transports differ in nothing
else; ``counted`` is the worker that jobs run. Prints its address when it serves, and serves until
it is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from typing import Any

from distributed import Scheduler, Worker
from distributed.comm import CommClosedError, listen

from sitespan.bench.transport import Transport

ECHO_NUMBER = 8787
_SCHEDULER_NUMBER = 8786
_START_SECONDS = 60.0


async def scheduler(transport: Transport) -> None:
    """Serve a scheduler of distributed's own."""
    served = Scheduler(
        protocol=transport.value,
        security=transport.security(),
        dashboard=False,
        dashboard_address="127.0.0.1:0",
        **(
            {"port": _SCHEDULER_NUMBER}
            if transport is Transport.RELAY
            else {"host": "127.0.0.1", "port": 0}
        ),
    )
    await served
    print(served.address, flush=True)
    await served.finished()


async def workers(
    transport: Transport, address: str, count: int, *, folder: str, counted: bool
) -> None:
    """Serve `count` workers of one thread each; `counted` for the worker that jobs run."""
    kind: type[Worker] = Worker
    if counted:
        from sitespan.counting_hooks import CountingHooks
        from sitespan.dask_worker import DaskWorker

        CountingHooks().install()
        kind = DaskWorker
    plain: dict[str, Any] = {} if transport is Transport.RELAY else {"host": "127.0.0.1"}
    served = [
        kind(
            address,
            nthreads=1,
            memory_limit=0,
            security=transport.security(),
            dashboard=False,
            dashboard_address="127.0.0.1:0",
            local_directory=folder,
            **plain,
        )
        for _ in range(count)
    ]
    await asyncio.wait_for(asyncio.gather(*served), _START_SECONDS)
    print(served[0].address, flush=True)
    await asyncio.gather(*(worker.finished() for worker in served))


async def echo(transport: Transport) -> None:
    """Serve comms that answer each message, with its size where it holds an array."""
    security = transport.security()
    given = {} if security is None else security.get_listen_args("scheduler")

    async def handle(comm: Any) -> None:
        try:
            while True:
                message = await comm.read()
                array = message.get("array")
                await comm.write(message if array is None else {"bytes": array.nbytes})
        except CommClosedError:
            return

    async with listen(transport.listen_address(ECHO_NUMBER), handle, **given) as listener:
        print(listener.contact_address, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.bench.server")
    parser.add_argument("what", choices=("scheduler", "workers", "counted", "echo"))
    parser.add_argument("transport", type=Transport)
    parser.add_argument("--scheduler", default="", help="its address")
    parser.add_argument("--count", type=int, default=1, help="workers in this process")
    given = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="sitespan-bench-") as folder:
        if given.what == "scheduler":
            serving = scheduler(given.transport)
        elif given.what == "echo":
            serving = echo(given.transport)
        else:
            serving = workers(
                given.transport,
                given.scheduler,
                given.count,
                folder=folder,
                counted=given.what == "counted",
            )
        asyncio.run(serving)


if __name__ == "__main__":
    main()
