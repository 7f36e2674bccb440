"""Lets tasks use distributed's Event, Variable, Queue and MultiLock although a worker is no client.

These objects ask for a client, of which they need little: the scheduler's operations, and to wait
for them. A real one would register as a client, which a worker may not (docs/security.md).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NoReturn

import distributed.event
import distributed.queues
import distributed.variable
from distributed import Worker
from distributed.utils import sync
from distributed.worker import get_client, get_worker


class TaskCoordination:
    """What a coordination object in a task has in a client's place.

    It keeps plain values. A Variable or Queue that holds a Future needs a client on this side, so a
    task can neither put nor take one: pass futures as arguments of the task.
    """

    asynchronous = False
    status = "running"

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.loop = worker.loop
        self.scheduler = worker.scheduler
        self.id = f"task-on-{worker.address}"

    def sync(
        self, function: Callable[..., Any], *args: Any, callback_timeout: Any = None, **kwargs: Any
    ) -> Any:
        """Run a coroutine function in the worker's event loop, and wait for its result here."""
        return sync(self.loop, function, *args, callback_timeout=callback_timeout, **kwargs)

    def _send_to_scheduler(self, message: dict[str, Any]) -> None:
        raise RuntimeError(
            f"A task on a Sitespan cluster may not do {message.get('op')}: do it in the notebook."
        )

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"A task on a Sitespan cluster has no client, so no {name}: workers may not"
            " submit work. Submit it from the notebook."
        )


def _get_coordination(*args: Any, **kwargs: Any) -> Any:
    try:
        worker = get_worker()
    except ValueError:
        return get_client(*args, **kwargs)
    # Where the worker unpickles a task's arguments nobody may wait for the scheduler; the object
    # asks again when the task uses it.
    if threading.get_ident() == worker.thread_id:
        raise ValueError("There is no client in the worker's event loop.")
    return TaskCoordination(worker)


def let_tasks_coordinate() -> None:
    """Give the coordination objects of this process, a worker, what they need of a client."""
    for module in (distributed.event, distributed.queues, distributed.variable):
        module.get_client = _get_coordination
