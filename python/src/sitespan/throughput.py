"""The scheduler's side of counting: sums of what successful tasks did, by worker and by sample.

Totals that only grow; whoever wants a rate takes two snapshots. Shapes: docs/architecture.md,
"Scheduler's HTTP".
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from distributed import Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import WorkerState

from sitespan.counters import METADATA, SampleCounts

# Workers are not trusted to be modest: what one sends must not fill the scheduler's memory.
MOST_SAMPLES = 2000
LONGEST_SAMPLE_NAME = 200
MOST_KEYS = 1_000_000


class Again(TypedDict):
    """The part of the work that had been done before."""

    events: int
    bytes: int


class CountsSnapshot(TypedDict):
    """What successful tasks did."""

    events: int
    bytes: int
    again: Again
    samples: dict[str, SampleCounts]


class WorkerSnapshot(TypedDict):
    """One worker as it is now, and its totals since it joined."""

    name: str
    address: str
    nthreads: int
    memory: int
    memoryLimit: int
    cpu: float
    executing: int
    tasks: int
    failed: int
    counts: CountsSnapshot


class TaskStates(TypedDict):
    """How many tasks are in which state."""

    waiting: int
    processing: int
    memory: int
    erred: int


class Amount(TypedDict):
    """Files and events that had been processed."""

    files: int
    events: int


class Expected(TypedDict):
    """What the analysis that runs will process, as it said at ``time``, and what was before."""

    time: float
    files: int | None
    events: int | None
    before: Amount


class Snapshot(TypedDict):
    """The whole cluster at one time, so that a reader that missed the last needs only the next."""

    id: str
    time: float
    workers: list[WorkerSnapshot]
    gone: CountsSnapshot
    tasks: TaskStates
    clients: int
    adaptiveTarget: int
    expected: Expected | None


@dataclass
class Counts:
    """A sum of what successful tasks did."""

    events: int = 0
    bytes: int = 0
    again_events: int = 0
    again_bytes: int = 0
    samples: dict[str, SampleCounts] = field(default_factory=dict)

    def add(self, counts: Mapping[str, Any], *, again: bool) -> None:
        """Add one task's counts as it sent them."""
        events, nbytes = _whole(counts.get("events")), _whole(counts.get("bytes"))
        self.events += events
        self.bytes += nbytes
        if again:
            self.again_events += events
            self.again_bytes += nbytes
        samples = counts.get("samples")
        if isinstance(samples, Mapping):
            for name, sample in samples.items():
                if isinstance(sample, Mapping):
                    self._add_sample(str(name)[:LONGEST_SAMPLE_NAME], sample)

    def merge(self, other: Counts) -> None:
        """Add another sum."""
        self.events += other.events
        self.bytes += other.bytes
        self.again_events += other.again_events
        self.again_bytes += other.again_bytes
        for name, sample in other.samples.items():
            self._add_sample(name, sample)

    def _add_sample(self, name: str, sample: Mapping[str, Any]) -> None:
        total = self.samples.get(name)
        if total is None:
            if len(self.samples) >= MOST_SAMPLES:
                return
            total = self.samples[name] = SampleCounts(events=0, bytes=0, files=0, seconds=0.0)
        total["events"] += _whole(sample.get("events"))
        total["bytes"] += _whole(sample.get("bytes"))
        total["files"] += _whole(sample.get("files"))
        seconds = sample.get("seconds")
        if isinstance(seconds, (int, float)) and math.isfinite(seconds) and seconds > 0:
            total["seconds"] += seconds

    def snapshot(self) -> CountsSnapshot:
        """Return the sum as it goes on the wire."""
        return CountsSnapshot(
            events=self.events,
            bytes=self.bytes,
            again=Again(events=self.again_events, bytes=self.again_bytes),
            samples={name: sample.copy() for name, sample in self.samples.items()},
        )


def _whole(value: object) -> int:
    return value if type(value) is int and 0 < value < 2**63 else 0


@dataclass
class _WorkerTotals:
    tasks: int = 0
    failed: int = 0
    counts: Counts = field(default_factory=Counts)


class Throughput(SchedulerPlugin):
    """Sums the counts that arrive with successful tasks, by worker.

    A task that succeeded before and runs again, because the worker with its result was lost, is
    real work but no progress: its counts are in the totals and, apart, in ``again``. A key is
    remembered from its first success until distributed forgets the task, if it carried counts.
    """

    name = "sitespan-throughput"

    def __init__(self, scheduler: Scheduler, on_change: Callable[[], None] = lambda: None) -> None:
        self._scheduler = scheduler
        self._on_change = on_change
        self._workers: dict[str, _WorkerTotals] = {}
        self._gone = Counts()
        self._counted: dict[object, None] = {}
        self._expected: Expected | None = None

    def expect(self, message: object) -> None:
        """Take what an analysis says it will process; without numbers, that it no longer does."""
        said = message if isinstance(message, Mapping) else {}
        files, events = _whole(said.get("files")) or None, _whole(said.get("events")) or None
        if files is None and events is None:
            self._expected = None
        else:
            self._expected = Expected(
                time=time.time(), files=files, events=events, before=self._done()
            )
        self._on_change()

    def _done(self) -> Amount:
        parts = [self._gone, *(totals.counts for totals in self._workers.values())]
        return Amount(
            files=sum(sample["files"] for part in parts for sample in part.samples.values()),
            events=sum(part.events for part in parts),
        )

    def transition(
        self, key: Any, start: str, finish: str, *args: Any, stimulus_id: str, **kwargs: Any
    ) -> None:
        """Take the counts of a success; distributed calls it for every change of a task."""
        if finish == "forgotten":
            self._counted.pop(key, None)
            return
        if start != "processing" or finish not in ("memory", "erred"):
            return
        worker = kwargs.get("worker")
        if not isinstance(worker, str) or worker not in self._scheduler.workers:
            return
        totals = self._workers.setdefault(worker, _WorkerTotals())
        if finish == "erred":
            totals.failed += 1
        else:
            totals.tasks += 1
            metadata = kwargs.get("metadata")
            counts = metadata.get(METADATA) if isinstance(metadata, Mapping) else None
            if isinstance(counts, Mapping):
                totals.counts.add(counts, again=key in self._counted)
                self._remember(key)
        self._on_change()

    def _remember(self, key: object) -> None:
        self._counted[key] = None
        if len(self._counted) > MOST_KEYS:
            del self._counted[next(iter(self._counted))]

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Say that the picture has changed."""
        self._on_change()

    def remove_worker(
        self, scheduler: Scheduler, worker: str, *, stimulus_id: str, **kwargs: Any
    ) -> None:
        """Keep the totals of a worker that has left."""
        totals = self._workers.pop(worker, None)
        if totals is not None:
            self._gone.merge(totals.counts)
        self._on_change()

    def add_client(self, scheduler: Scheduler, client: str) -> None:
        """Say that the picture has changed."""
        self._on_change()

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Say that the picture has changed."""
        self._on_change()

    def snapshot(self) -> Snapshot:
        """Return the whole cluster as it is now."""
        scheduler = self._scheduler
        return Snapshot(
            id=scheduler.id,
            time=time.time(),
            workers=[self._worker(state) for state in scheduler.workers.values()],
            gone=self._gone.snapshot(),
            tasks=_task_states(scheduler),
            clients=sum(1 for client in scheduler.clients if client != "fire-and-forget"),
            adaptiveTarget=scheduler.adaptive_target(),
            expected=self._expected,
        )

    def _worker(self, state: WorkerState) -> WorkerSnapshot:
        totals = self._workers.get(state.address) or _WorkerTotals()
        metrics = state.metrics or {}
        return WorkerSnapshot(
            name=str(state.name),
            address=state.address,
            nthreads=state.nthreads,
            memory=metrics.get("memory") or 0,
            memoryLimit=state.memory_limit,
            cpu=metrics.get("cpu") or 0.0,
            executing=len(state.long_running)
            + min(len(state.processing) - len(state.long_running), state.nthreads),
            tasks=totals.tasks,
            failed=totals.failed,
            counts=totals.counts.snapshot(),
        )


def _task_states(scheduler: Scheduler) -> TaskStates:
    states = TaskStates(waiting=0, processing=0, memory=0, erred=0)
    for group in scheduler.task_groups.values():
        found = group.states
        states["waiting"] += found["waiting"] + found["queued"] + found["no-worker"]
        states["processing"] += found["processing"]
        states["memory"] += found["memory"]
        states["erred"] += found["erred"]
    return states
