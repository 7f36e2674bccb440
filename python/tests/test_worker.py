"""A job from its start to its end: the real worker process, relay and scheduler."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dask.array as da
import dask.dataframe as dd
import pandas as pd
import pytest
from dask import config
from distributed import Client

import rig
from keeper_rig import keeper
from process_rig import SchedulerProcess, module, scheduler, write_private
from sitespan.comm.security import RelaySecurity
from sitespan.counters import current_tally

ADDRESS = "relay://scheduler:8786"


class Site:
    """A keeper, a scheduler, and jobs that are started as a grid would."""

    def __init__(
        self, cluster: rig.RelayedCluster, running: SchedulerProcess, stack: ExitStack
    ) -> None:
        self.cluster = cluster
        self.scheduler = running
        self.settings: dict[str, Any] = {}
        self._stack = stack
        self._jobs = 0
        me = cluster.identity("keeper", "keeper")
        self.keeper = stack.enter_context(keeper(me, self._answer))
        join = cluster.identity("joiner", "token-1", lifetime=600)
        self.join = write_private(cluster.folder / "join.json", json.dumps(join.to_json()))

    def _answer(self, n: int, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "code" in self.settings:
            return 403, self.settings
        name = f"north-{n + 1}"
        return 200, {
            "identity": self.cluster.identity("worker", name).to_json(),
            "scheduler": ADDRESS,
            "name": name,
            "nthreads": 1,
            "memoryBytes": 0,
            "resources": {"GPU": 1},
            "deathTimeoutSeconds": 30,
            "lifetimeSeconds": 0,
            **self.settings,
        }

    def job(self, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        """Start a job; its process and its folder, with the job's ``log`` in it."""
        self._jobs += 1
        folder = self.cluster.folder / f"job-{self._jobs}"
        process = self._stack.enter_context(
            module("sitespan.worker", "--join", str(self.join), *arguments, folder=folder)
        )
        return process, folder

    def client(self) -> Client:
        """A notebook's client."""
        own = RelaySecurity(self.cluster.identity("client", "me"))
        return self._stack.enter_context(Client(ADDRESS, security=own, timeout=20))


@pytest.fixture
def site(cluster: rig.RelayedCluster) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(cluster, stack.enter_context(scheduler(cluster)), stack)


def count(n: int) -> int:
    tally = current_tally()
    assert tally is not None
    tally.add_sample("ttbar", events=n, nbytes=0, files=1, seconds=0.1)
    return n


def test_a_job_works_until_it_is_told_to_leave(site: Site) -> None:
    process, folder = site.job()
    client = site.client()
    client.wait_for_workers(1, timeout=30)
    assert client.submit(count, 7, resources={"GPU": 1}).result(timeout=20) == 7
    [worker] = site.scheduler.ask("/sitespan/state")["workers"]
    assert (worker["name"], worker["nthreads"], worker["memoryLimit"]) == ("north-1", 1, 0)
    assert worker["counts"]["samples"]["ttbar"]["events"] == 7
    listening = subprocess.run(
        ["ss", "-Hltnp"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    assert f"pid={process.pid}," not in listening
    process.terminate()
    assert process.wait(15) == 0
    assert "north-1 ended: sitespan-leave" in (folder / "log").read_text()
    assert site.scheduler.ask("/sitespan/state")["gone"]["events"] == 7
    assert "PRIVATE KEY" not in (folder / "log").read_text()


def test_shuffles_need_no_pickles_of_workers_at_the_scheduler(site: Site) -> None:
    site.job()
    site.job()
    client = site.client()
    client.wait_for_workers(2, timeout=30)
    frame = dd.from_pandas(pd.DataFrame({"key": [1, 2, 3] * 20, "n": range(60)}), npartitions=4)
    joined = frame.merge(frame, on="key", shuffle_method="p2p")
    assert len(client.compute(joined).result(timeout=40)) == 3 * 20 * 20
    with config.set({"array.rechunk.method": "p2p"}):
        array = da.ones((40, 40), chunks=(4, 40)).rechunk((40, 4))
    assert client.compute(array.sum()).result(timeout=40) == 1600
    assert "PickleRefused" not in site.scheduler.log


def test_a_job_leaves_in_seconds_although_its_task_goes_on(site: Site, tmp_path: Path) -> None:
    first, _ = site.job()
    client = site.client()
    client.wait_for_workers(1, timeout=30)
    kept = client.scatter({"kept": 42})
    future = client.submit(slow, str(tmp_path / "started"), pure=False)
    while not (tmp_path / "started").exists():
        time.sleep(0.02)
    site.job()
    client.wait_for_workers(2, timeout=30)
    first.terminate()
    assert first.wait(15) == 0
    assert kept["kept"].result(timeout=20) == 42
    assert future.result(timeout=20) == "again"


def slow(mark: str) -> str:
    if Path(mark).exists():
        return "again"
    Path(mark).touch()
    time.sleep(300)
    return "never"


def test_a_retired_worker_ends_its_job_in_order(site: Site) -> None:
    process, _ = site.job()
    site.client().wait_for_workers(1, timeout=30)
    answer = site.scheduler.ask("/sitespan/retire", {"workers": ["north-1"], "timeoutSeconds": 20})
    assert answer == {"retired": ["north-1"], "unknown": [], "unfinished": []}
    assert process.wait(15) == 0


def test_a_worker_ends_when_its_lifetime_does(site: Site) -> None:
    site.settings = {"lifetimeSeconds": 1}
    process, folder = site.job()
    assert process.wait(30) == 0
    assert "worker-lifetime-reached" in (folder / "log").read_text()


def test_a_refused_job_says_why_and_exits_3(site: Site) -> None:
    site.settings = {"code": "token-revoked", "message": "The pool was removed."}
    process, folder = site.job()
    assert process.wait(30) == 3
    assert "Refused (token-revoked): The pool was removed." in (folder / "log").read_text()


def test_a_job_that_finds_no_keeper_exits_4(site: Site, cluster: rig.RelayedCluster) -> None:
    alone = cluster.identity("joiner", "token-2", lifetime=600)
    site.join = write_private(
        cluster.folder / "lost.json", json.dumps(rig.through(alone, 1).to_json())
    )
    process, folder = site.job("--enrol-seconds", "0.5")
    assert process.wait(30) == 4
    assert "cannot be reached" in (folder / "log").read_text()


def test_a_job_whose_scheduler_does_not_answer_exits_4(site: Site) -> None:
    site.settings = {"scheduler": "relay://scheduler:9999", "deathTimeoutSeconds": 1}
    process, folder = site.job()
    assert process.wait(60) == 4
    assert "took no worker" in (folder / "log").read_text()
