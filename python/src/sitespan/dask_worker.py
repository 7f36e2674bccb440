"""The Dask worker of a job: guarded, counted, and listening nowhere but at the relay."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from time import time
from typing import Any

from distributed import Status, Worker
from distributed.worker_state_machine import ExecuteSuccessEvent, StateMachineEvent

from sitespan.coordination import TaskCoordination, let_tasks_coordinate
from sitespan.counters import METADATA, Counters
from sitespan.counting_hooks import CountingHooks
from sitespan.guard import Guarded
from sitespan.roles import WORKER_RULES

logger = logging.getLogger(__name__)

# Grids send TERM, wait some seconds, then KILL.
LEAVE_SECONDS = 4.0
CLOSE_SECONDS = 3.0
ORDERLY, LOST = 0, 4

# distributed's reasons for closing that mean: the scheduler could no longer be reached.
LOST_SCHEDULER = frozenset(
    {
        "worker-handle-scheduler-connection-broken",
        "worker-heartbeat-missing",
        "worker-heartbeat-error",
    }
)


class DaskWorker(Guarded, Worker):
    """A ``distributed.Worker`` that a grid job runs.

    Attributes
    ----------
    close_reason
        Why it closed, in distributed's words; None while it runs.
    """

    rules = WORKER_RULES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_reason: str | None = None
        self._leaving = False
        self.task_counters = Counters()

    def start_http_server(self, *args: Any, **kwargs: Any) -> None:
        """Start none: nothing listens at a site."""

    def _get_client(self, timeout: float | None = None) -> Any:
        # ValueError is what distributed's own objects expect where there is no client.
        raise ValueError(
            "A task on a Sitespan cluster has no client: workers may not submit work."
            " Submit it from the notebook."
        )

    @property
    def client(self) -> TaskCoordination:
        """What a task's coordination objects have in a client's place."""
        return TaskCoordination(self)

    async def execute(self, key: Any, *, stimulus_id: str) -> StateMachineEvent:
        """Run a task, and put what it read and processed into its success."""
        with self.task_counters.task() as tally:
            event = await super().execute(key, stimulus_id=stimulus_id)
        task = self.state.tasks.get(key)
        if task is not None and isinstance(event, ExecuteSuccessEvent):
            task.metadata.pop(METADATA, None)
            counts = tally.counts()
            if counts is not None:
                task.metadata[METADATA] = counts
        return event

    async def leave(self) -> None:
        """Leave within seconds: results move to other workers, running tasks start again there."""
        self._leaving = True
        if self.status == Status.running:
            try:
                await asyncio.wait_for(
                    self.scheduler.retire_workers(
                        workers=[self.address],
                        close_workers=False,
                        remove=True,
                        stimulus_id=f"sitespan-leave-{time()}",
                    ),
                    LEAVE_SECONDS,
                )
            except (OSError, asyncio.TimeoutError) as error:
                logger.warning(
                    "The scheduler did not retire us in time (%r); leaving anyway.", error
                )
        await self.close(reason="sitespan-leave")

    async def close(
        self,
        timeout: float = 30,
        executor_wait: bool = True,
        nanny: bool = True,
        reason: str = "worker-close",
    ) -> str | None:
        """Close; when leaving, without waiting for tasks that still run."""
        if self.close_reason is None:
            self.close_reason = reason
        if self._leaving:
            timeout, executor_wait = min(timeout, CLOSE_SECONDS), False
        result: str | None = await super().close(
            timeout=timeout, executor_wait=executor_wait, nanny=nanny, reason=reason
        )
        return result


async def serve(answer: Mapping[str, Any]) -> int:
    """Run a worker as the keeper's answer says, until it ends; return the job's exit code.

    The process must have its identity already (``sitespan.identity.use``). SIGTERM and SIGINT make
    it leave in good order.
    """
    loop = asyncio.get_running_loop()
    told_to_leave = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_leave.set)
    CountingHooks().install()
    let_tasks_coordinate()
    worker = DaskWorker(
        answer["scheduler"],
        name=answer["name"],
        nthreads=answer["nthreads"],
        memory_limit=answer["memoryBytes"],
        resources=answer["resources"],
        death_timeout=answer["deathTimeoutSeconds"],
        lifetime=answer["lifetimeSeconds"] or None,
        lifetime_stagger=0,
        lifetime_restart=False,
        local_directory=os.getcwd(),
    )
    leaving = asyncio.ensure_future(told_to_leave.wait())
    starting = asyncio.ensure_future(worker.start())
    try:
        await asyncio.wait({starting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            return ORDERLY
        if starting.exception() is not None:
            cause = starting.exception()
            print(f"The scheduler at {answer['scheduler']} took no worker: {cause}.", flush=True)
            return LOST
        ended = asyncio.ensure_future(worker.finished())
        await asyncio.wait({ended, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await asyncio.wait({asyncio.ensure_future(worker.leave())}, timeout=LEAVE_SECONDS * 2)
    finally:
        leaving.cancel()
    print(f"The worker {answer['name']} ended: {worker.close_reason}.", flush=True)
    return LOST if worker.close_reason in LOST_SCHEDULER else ORDERLY
