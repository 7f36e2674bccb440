"""The cluster's scheduler: ``python -m sitespan.scheduler --folder FOLDER``.

Listens for Dask at the relay as ``relay://scheduler:8786``, guarded by role, and for HTTP on
127.0.0.1 behind the gate. In its folder it finds ``identity.json`` and ``token``, and when it is
ready it writes ``http.json``. Contract: docs/architecture.md.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import dask
from distributed import Scheduler

from sitespan import identity
from sitespan.comm.relay_comm import RelayComm
from sitespan.environment import describe
from sitespan.expectation import TOPIC as EXPECT_TOPIC
from sitespan.gate import Gate
from sitespan.guard import Guarded
from sitespan.private_files import read_token, write_private
from sitespan.roles import SCHEDULER_RULES
from sitespan.scheduler_routes import Routes
from sitespan.throughput import Throughput
from sitespan.unpickling import unpickle_only_from_clients

logger = logging.getLogger(__name__)

PORT = 8786
CLOSE_SECONDS = 10.0


class ClusterScheduler(Guarded, Scheduler):
    """A ``distributed.Scheduler`` that looks at its peers' roles; its pages need the token."""

    rules = SCHEDULER_RULES

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        self._token = token
        super().__init__(*args, dashboard=True, dashboard_address="127.0.0.1:0", **kwargs)
        self.throughput = Throughput(self)
        self.add_plugin(self.throughput)
        Routes(self, self.gate, self.throughput).install()

    def log_event(self, topic: str | Collection[str], msg: Any) -> None:
        """Log an event, as distributed does; an analysis says so what it will process."""
        super().log_event(topic, msg)
        if topic == EXPECT_TOPIC:
            self.throughput.expect(msg)

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:
        """Start distributed's HTTP server, and put the gate before it in the same breath."""
        super().start_http_server(*args, **kwargs)
        # A browser sends a cookie to every port of 127.0.0.1, so its name tells the clusters apart.
        name = f"sitespan-{self.http_server.port}"
        self.gate = Gate(self.http_server.request_callback, self._token, name)
        self.http_server.request_callback = self.gate


async def serve(folder: Path, token: str) -> None:
    """Run the scheduler until it is closed by a client, SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    told_to_end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_end.set)
    # Describing starts root-config; not while the event loop serves workers.
    environment = describe()
    scheduler = ClusterScheduler(protocol="relay", port=PORT, token=token)
    await scheduler
    write_private(
        folder / "http.json",
        {"port": scheduler.http_server.port, "pid": os.getpid(), "environment": environment},
    )
    ended = asyncio.ensure_future(scheduler.finished())
    told = asyncio.ensure_future(told_to_end.wait())
    await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not ended.done():
        closing = asyncio.ensure_future(scheduler.close(reason="sitespan-cluster-ends"))
        await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
    ended.cancel()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scheduler of a cluster; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.scheduler")
    parser.add_argument("--folder", required=True, type=Path, help="the scheduler's own folder")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    (folder / "http.json").unlink(missing_ok=True)
    try:
        identity.use(identity.Identity.load(str(folder / "identity.json")))
        token = read_token(folder / "token")
    except (identity.IdentityError, OSError, ValueError) as error:
        print(f"sitespan: {error}", file=sys.stderr)
        return 2
    # The pages are on loopback behind the gate; a certificate that this user configured for other
    # schedulers would only make the keeper's plain HTTP fail.
    dask.config.set(
        {f"distributed.scheduler.dashboard.tls.{n}": None for n in ("key", "cert", "ca-file")}
    )
    unpickle_only_from_clients(RelayComm)
    asyncio.run(serve(folder, token))
    return 0


if __name__ == "__main__":
    sys.exit(main())
