"""What a task has processed and read: counted in the worker, carried by the task's own success.

Every execution of a task gets a :class:`Tally`. Hooks in the reading libraries add to the tally of
the task that they run in; when the task succeeds its tally becomes ``metadata["sitespan"]`` of
distributed's own ``task-finished`` message. So the numbers are exact at the moment of success, a
failed task adds nothing, and a worker that dies takes nothing along that the scheduler has not got.

~~Totals in the heartbeat~~: what was done since the last one is lost when a worker dies, and
failed tasks are in them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypedDict

METADATA = "sitespan"

# distributed copies the context of a task's coroutine into the thread that runs it, so this finds
# the task from that thread, from an async task, and from a thread started with a copied context.
_current: ContextVar[Tally | None] = ContextVar("sitespan_tally", default=None)


class SampleCounts(TypedDict):
    """What was done for one sample: events, bytes, files begun, seconds in the work function."""

    events: int
    bytes: int
    files: int
    seconds: float


class TaskCounts(TypedDict):
    """What one successful task did; the content of its ``metadata["sitespan"]``."""

    events: int
    bytes: int
    samples: dict[str, SampleCounts]


@dataclass(slots=True)
class _Sample:
    events: int = 0
    bytes: int = 0
    files: int = 0
    seconds: float = 0.0

    def counts(self) -> SampleCounts:
        return SampleCounts(
            events=self.events, bytes=self.bytes, files=self.files, seconds=self.seconds
        )


class Tally:
    """One execution of one task. May be added to from any thread that works for the task."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events = 0
        self._bytes = 0
        self._samples: dict[str, _Sample] = {}
        self.overhead_seconds = 0.0

    @property
    def bytes(self) -> int:
        """Bytes asked of storage so far."""
        return self._bytes

    def add_bytes(self, count: int) -> None:
        """Add bytes that storage was asked for."""
        with self._lock:
            self._bytes += count

    def add_events(self, count: int) -> None:
        """Add processed events that belong to no named sample."""
        with self._lock:
            self._events += count

    def add_sample(
        self, name: str, *, events: int, nbytes: int, files: int, seconds: float
    ) -> None:
        """Add a processed chunk of a named sample. Its bytes are in the total already."""
        with self._lock:
            self._events += events
            sample = self._samples.setdefault(name, _Sample())
            sample.events += events
            sample.bytes += nbytes
            sample.files += files
            sample.seconds += seconds

    def add_overhead(self, seconds: float) -> None:
        """Add time that counting itself has cost."""
        with self._lock:
            self.overhead_seconds += seconds

    def counts(self) -> TaskCounts | None:
        """Return what goes on the wire, or None when there is nothing to say."""
        with self._lock:
            if not self._events and not self._bytes and not self._samples:
                return None
            return TaskCounts(
                events=self._events,
                bytes=self._bytes,
                samples={name: sample.counts() for name, sample in self._samples.items()},
            )


def current_tally() -> Tally | None:
    """Return the tally of the task that this code runs in, or None outside of any task."""
    return _current.get()


class Counters:
    """The worker's side: opens a tally around each execution of a task.

    Attributes
    ----------
    overhead_seconds
        Time spent inside the hooks so far, summed over threads: the price of counting.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._root_bytes = 0
        self.overhead_seconds = 0.0

    @contextmanager
    def task(self) -> Iterator[Tally]:
        """Attribute what happens inside to one new tally."""
        tally = Tally()
        token = _current.set(tally)
        with self._lock:
            if self._running == 0:
                self._root_bytes = _root_bytes_read()
            self._running += 1
        try:
            yield tally
        finally:
            _current.reset(token)
            # ROOT counts for the whole process: of two tasks at once, the first to end gets the
            # bytes of both so far. The sum is exact, and each task on a worker of one thread.
            with self._lock:
                self._running -= 1
                now = _root_bytes_read()
                tally.add_bytes(max(0, now - self._root_bytes))
                self._root_bytes = now
                self.overhead_seconds += tally.overhead_seconds


def _root_bytes_read() -> int:
    root = sys.modules.get("ROOT")
    if root is None:
        return 0
    try:
        return int(root.TFile.GetFileBytesRead())
    except (
        Exception
    ):  # a module of that name that is not ROOT, or ROOT half imported by another thread
        return 0
