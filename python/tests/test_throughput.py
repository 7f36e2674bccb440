"""The sums that the scheduler keeps are exact: each success once, no failure, nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from distributed import Event, wait

import rig
from dask_rig import Dask, running
from sitespan.counters import current_tally
from sitespan.throughput import MOST_SAMPLES, Counts


@pytest_asyncio.fixture
async def dask(cluster: rig.RelayedCluster) -> AsyncIterator[Dask]:
    async with running(cluster) as dask:
        yield dask


def process(chunk: int) -> int:
    """Stands for a task that reads: 100 bytes and 10 events of one of two samples."""
    tally = current_tally()
    assert tally is not None
    tally.add_bytes(100)
    name = ("ttbar", "wjets")[chunk % 2]
    tally.add_sample(name, events=10, nbytes=100, files=1, seconds=0.5)
    return chunk


def fail(chunk: int) -> int:
    process(chunk)
    raise RuntimeError("after the work was done")


def fail_first(name: str) -> int:
    first = not Event(name).is_set()
    Event(name).set()
    return (fail if first else process)(0)


def total(dask: Dask, of: Callable[[dict], int]) -> int:
    snapshot = dask.scheduler.throughput.snapshot()
    return sum(of(w["counts"]) for w in snapshot["workers"]) + of(snapshot["gone"])


def events(counts: dict) -> int:
    return int(counts["events"])


async def test_the_sums_of_many_tasks_are_exact(dask: Dask) -> None:
    await dask.client.gather(dask.client.map(process, range(100)))
    snapshot = dask.scheduler.throughput.snapshot()
    assert total(dask, events) == 1000
    assert total(dask, lambda counts: counts["bytes"]) == 10_000
    assert sum(w["tasks"] for w in snapshot["workers"]) == 100
    assert total(dask, lambda counts: counts["samples"].get("wjets", {}).get("files", 0)) == 50
    assert total(dask, lambda counts: counts["again"]["events"]) == 0
    assert {w["name"] for w in snapshot["workers"]} == {"north-1", "south-1"}


async def test_they_are_there_when_the_result_is(dask: Dask) -> None:
    """Not a heartbeat later."""
    for n in range(1, 6):
        await dask.client.submit(process, n, pure=False)
        assert total(dask, events) == 10 * n


async def test_a_task_that_fails_counts_nothing(dask: Dask) -> None:
    futures = dask.client.map(fail, range(10))
    await wait(futures)
    snapshot = dask.scheduler.throughput.snapshot()
    assert total(dask, events) == 0
    assert sum(w["failed"] for w in snapshot["workers"]) == 10
    assert snapshot["tasks"]["erred"] == 10


async def test_of_a_task_that_is_retried_only_the_success_counts(dask: Dask) -> None:
    future = dask.client.submit(fail_first, "once", retries=3, workers=["north-1"])
    await future
    assert total(dask, events) == 10


async def test_work_done_twice_is_shown_apart(dask: Dask) -> None:
    future = dask.client.submit(process, 1, workers=["north-1"], allow_other_workers=True)
    await future
    await dask.workers[0].close()
    await future
    await dask.client.gather(future)
    assert total(dask, events) == 20
    assert total(dask, lambda counts: counts["again"]["events"]) == 10
    assert total(dask, lambda counts: counts["again"]["bytes"]) == 100
    assert dask.scheduler.throughput.snapshot()["gone"]["events"] == 10


async def test_the_same_task_asked_for_anew_is_not_work_done_twice(dask: Dask) -> None:
    for _ in range(2):
        future = dask.client.submit(process, 1, key="same")
        await future
        future.release()
        while "same" in dask.scheduler.tasks:
            await dask.client.run_on_scheduler(lambda: None)
    assert total(dask, events) == 20
    assert total(dask, lambda counts: counts["again"]["events"]) == 0


def test_what_a_worker_sends_is_not_believed_blindly() -> None:
    counts = Counts()
    for lie in (-5, 2**80, 1.5, True, "7", None, float("nan")):
        sample = {"events": lie, "bytes": lie, "files": lie, "seconds": float("nan")}
        counts.add({"events": lie, "bytes": lie, "samples": {"s": sample}}, again=False)
    counts.add({"events": 3, "samples": "none"}, again=False)
    counts.add({"events": 4, "samples": {"s": None}}, again=True)
    snapshot = counts.snapshot()
    assert (snapshot["events"], snapshot["bytes"]) == (7, 0)
    assert snapshot["again"] == {"events": 4, "bytes": 0}
    assert snapshot["samples"]["s"] == {"events": 0, "bytes": 0, "files": 0, "seconds": 0.0}


def test_samples_do_not_pile_up() -> None:
    counts = Counts()
    for n in range(MOST_SAMPLES + 10):
        counts.add({"events": 1, "samples": {f"sample {n}": {"events": 1}}}, again=False)
    assert len(counts.samples) == MOST_SAMPLES
    assert counts.events == MOST_SAMPLES + 10


def test_a_snapshot_does_not_change_afterwards() -> None:
    counts = Counts()
    counts.add({"events": 1, "samples": {"s": {"events": 1}}}, again=False)
    before = counts.snapshot()
    counts.add({"events": 1, "samples": {"s": {"events": 1}}}, again=False)
    assert before["samples"]["s"]["events"] == 1


async def test_what_an_analysis_expects_counts_from_when_it_said_so(dask: Dask) -> None:
    await dask.client.gather(dask.client.map(process, range(3)))
    await dask.client.log_event("sitespan-expect", {"files": 90, "events": None})
    await dask.client.gather(dask.client.map(process, range(10, 14)))
    expected = dask.scheduler.throughput.snapshot()["expected"]
    assert expected is not None
    assert (expected["files"], expected["events"]) == (90, None)
    assert expected["before"] == {"files": 3, "events": 30}


@pytest.mark.parametrize("said", [{"files": None, "events": None}, {"files": "many"}, 7])
async def test_an_expectation_without_numbers_is_none(dask: Dask, said: object) -> None:
    await dask.client.log_event("sitespan-expect", {"events": 1000})
    assert dask.scheduler.throughput.snapshot()["expected"] is not None
    await dask.client.log_event("sitespan-expect", said)
    assert dask.scheduler.throughput.snapshot()["expected"] is None
