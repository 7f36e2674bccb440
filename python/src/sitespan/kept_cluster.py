"""A cluster that a keeper keeps, as Dask's users and tools know one."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import os
import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from dask.utils import format_bytes
from distributed import Client
from distributed.core import Status, rpc
from distributed.deploy import Cluster as DaskCluster
from distributed.utils import Log

from sitespan.adaptation import Adaptation
from sitespan.cluster_html import cluster_html
from sitespan.cluster_making import ClusterMaking
from sitespan.cluster_wishes import FIRST_POOL, ClusterWishes
from sitespan.comm.security import RelaySecurity
from sitespan.errors import SitespanError
from sitespan.identity import Identity
from sitespan.keeper import Keeper
from sitespan.pool import Pool

logger = logging.getLogger(__name__)

_CLIENT_SECONDS = 3
_Self = TypeVar("_Self", bound="KeptCluster")


class KeptCluster(DaskCluster):
    """Made, or attached to where one of its name is open; the base of those that users make.

    Parameters
    ----------
    making
        How it is made where there is none.
    first_pool
        Made with it, as ``main``.
    n_workers
        Scale the first pool to so many, when the cluster is made.
    shutdown_on_close
        Whether `close` ends the cluster; if not given, when this object has made it.
    ends_with_process
        Whether a cluster that this object has made, and nobody closed, ends with this process.
    asynchronous, loop, quiet, scheduler_sync_interval
        As of distributed's own clusters.
    """

    # A notebook shows `_repr_mimebundle_`: distributed's own widget is not readable once saved.
    _ipython_display_ = None

    def __init__(
        self,
        making: ClusterMaking,
        first_pool: Pool,
        *,
        n_workers: int | None,
        shutdown_on_close: bool | None,
        ends_with_process: bool,
        asynchronous: bool,
        loop: Any,
        quiet: bool,
        scheduler_sync_interval: float | str,
    ) -> None:
        self.security: RelaySecurity | None = None
        self._keeper: Keeper | None = None
        self._shutdown_on_close = shutdown_on_close
        self._ends_with_process = ends_with_process
        self._at_exit: Callable[[], None] | None = None
        self._n_workers = n_workers
        self._wishes = ClusterWishes(making.name, first_pool, lambda: self._keeper_now)
        self._wish = making.wish()
        super().__init__(
            asynchronous=asynchronous,
            loop=loop,
            quiet=quiet,
            name=making.name,
            scheduler_sync_interval=scheduler_sync_interval,
        )
        if not self.called_from_running_loop:
            self._loop_runner.start()
            try:
                self.sync(self._start)
            except BaseException:
                self._loop_runner.stop()
                raise

    @property
    def created(self) -> bool:
        """Whether this object has made the cluster."""
        return self._keeper is not None and self._keeper.created

    @property
    def dashboard_link(self) -> str:
        """A link to Dask's dashboard, for a browser on this computer: once, within a minute."""
        if self.status != Status.running or "dashboard" not in self.scheduler_info["services"]:
            return ""
        return str(self._keeper_now.call("/v1/scheduler/code", {})["url"])

    @property
    def workers(self) -> dict[str, Any]:
        """The life of each worker that was asked for and has not ended, by the worker's name."""
        lives = self._keeper_now.call("/v1/life/list", {})
        return {life["name"]: life for life in lives if life["phase"] != "ended"}

    @property
    def requested(self) -> set[str]:
        """Names of the workers that were asked for and have not ended."""
        return set(self.workers)

    @property
    def plan(self) -> set[str]:
        """Names of those that are to stay."""
        return {name for name, life in self.workers.items() if life["phase"] != "draining"}

    def add_pool(
        self,
        name: str,
        *,
        sites: Sequence[str] | None = None,
        grid: str | None = None,
        cores: int | None = None,
        memory: str | int | None = None,
        walltime: str | float | None = None,
        python: str | None = None,
        resources: Mapping[str, float] | None = None,
    ) -> Any:
        """Add a pool of workers of one kind, with none in it yet: `scale` it.

        Parameters
        ----------
        name
            As a cluster's.
        sites
            Of the grid; all sites of this computer.
        grid, cores, memory, walltime, python, resources
            See `sitespan.pool.Pool`.
        """
        pool = Pool(sites, grid, cores, memory, walltime, python, resources)
        return self._do(self._wishes.add_pool, name, pool)

    def scale(self, n: int, *, pool: str | None = None, confirmed: bool = False) -> Any:
        """Have `n` workers; returns when that is written down, not when they have come.

        Parameters
        ----------
        n
            How many in all; 0 for none.
        pool
            Which pool; needed where there are several and none is called ``main``.
        confirmed
            Go on although it is more than the cluster's limit.
        """
        return self._do(self._wishes.scale, n, pool, confirmed)

    def adapt(
        self,
        minimum: int = 0,
        maximum: int = 50,
        *,
        pool: str | None = None,
        confirmed: bool = False,
    ) -> Adaptation:
        """Let the keeper choose the number of workers by the work there is, also without us.

        Parameters
        ----------
        minimum, maximum
            Of workers.
        pool, confirmed
            As of `scale`, which ends this.
        """
        agreed = self._do(self._wishes.adapt, minimum, maximum, pool, confirmed)
        return Adaptation(
            minimum, maximum, agreed, lambda: self._do(self._wishes.stop_adapting, pool)
        )

    def close(self, timeout: float | None = None) -> Any:
        """Let the cluster go, and end it if this object has made it (or `shutdown_on_close`)."""
        waiting = super().close(timeout)
        if not self.asynchronous:
            self._loop_runner.stop()
        return waiting

    def shutdown(self, timeout: float | None = None) -> Any:
        """End the cluster, whoever has made it."""
        self._shutdown_on_close = True
        return self.close(timeout)

    async def _start(self) -> None:
        self.status = Status.starting
        try:
            self._keeper = keeper = await asyncio.to_thread(Keeper.ensure, self.name, self._wish)
            if keeper.created:
                if self._ends_with_process:
                    self._at_exit = partial(_end_with_process, keeper, os.getpid())
                    atexit.register(self._at_exit)
                await asyncio.to_thread(self._wishes.add_first_pool)
                if self._n_workers is not None:
                    await asyncio.to_thread(self._wishes.scale, self._n_workers, FIRST_POOL, False)
            address = await asyncio.to_thread(keeper.scheduler_address)
            # One name a connection: the relay's log then tells two of the same user apart.
            client = {"name": f"python-{os.getpid()}-{secrets.token_hex(3)}"}
            issued = await asyncio.to_thread(keeper.call, "/v1/client/issue", client)
            self.security = RelaySecurity(Identity.parse(json.dumps(issued["identity"])))
            connection_args = self.security.get_connection_args("client")
            self.scheduler_comm = rpc(address, connection_args=connection_args)
            await super()._start()
        except BaseException as error:
            # What could not be used is not left running.
            await self._close()
            if (
                isinstance(error, SitespanError)
                and error.code == "cluster-unknown"
                and self.created
            ):
                # It ended itself before it could be asked why.
                raise SitespanError("cluster-start-failed", str(error)) from error
            raise

    async def _close(self) -> None:
        if self.status == Status.closed:
            return
        ends = self.created if self._shutdown_on_close is None else self._shutdown_on_close
        if self._at_exit is not None:
            atexit.unregister(self._at_exit)
        try:
            await super()._close()
        finally:
            if ends and self._keeper is not None:
                await asyncio.to_thread(self._keeper.shut_down)

    async def _watch_worker_status(self, comm: Any) -> None:
        await super()._watch_worker_status(comm)
        if self.status == Status.running:
            # The cluster was ended by somebody else, or its scheduler was lost.
            self.status = Status.failed
            self.scheduler_info["workers"].clear()

    async def _get_logs(
        self, cluster: bool = True, scheduler: bool = True, workers: Any = True
    ) -> Any:
        logs = await super()._get_logs(cluster, scheduler, workers)
        if cluster:
            logs["Cluster"] = Log(await asyncio.to_thread(self._keeper_now.log))
        return logs

    def __await__(self: _Self) -> Generator[Any, Any, _Self]:
        async def started() -> _Self:
            if self.status == Status.created:
                await self._start()
            return self

        return started().__await__()

    def _repr_html_(self, cluster_status: object = None) -> str:
        workers = self.scheduler_info["workers"].values()
        try:
            return cluster_html(
                self._keeper_now.state(),
                threads=sum(worker["nthreads"] for worker in workers),
                memory=format_bytes(sum(worker["memory_limit"] for worker in workers)),
                dashboard=self.dashboard_link,
            )
        except SitespanError as error:
            return f"<p>Sitespan cluster {self.name}: {error}</p>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    @property
    def _keeper_now(self) -> Keeper:
        if self._keeper is None or self.status == Status.closed:
            raise SitespanError(
                "cluster-closed", f"This object has no connection to the cluster {self.name} now."
            )
        return self._keeper

    def _do(self, ask: Callable[..., None], *arguments: object) -> Any:
        """Ask the keeper, in a thread where our caller is a coroutine; it need not await that."""
        if not self.asynchronous:
            return ask(*arguments)
        return asyncio.ensure_future(asyncio.to_thread(ask, *arguments))


def _end_with_process(keeper: Keeper, made_in: int) -> None:
    """End the cluster of a process that exits and can start no thread any more, as `close` would.

    Its client goes first: it would take the end of the scheduler for a fault. Where it does not
    go in time, or cannot any more, the cluster ends all the same.
    """
    if os.getpid() != made_in:
        return  # a fork of it exits, and leaves its parent what is the parent's
    try:
        client = Client.current()
        if not client.asynchronous:
            client.close(timeout=_CLIENT_SECONDS)
    except Exception:  # there is none, or it hangs
        logger.debug("the client was not closed", exc_info=True)
    finally:
        keeper.shut_down()
