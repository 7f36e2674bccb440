"""The scheduler as the keeper starts it: its folder, its HTTP, its distrust of workers."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client
from distributed.comm import connect
from distributed.core import send_recv
from distributed.protocol.serialize import ToPickle
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

import rig
from process_rig import SchedulerProcess, scheduler, write_private
from sitespan.comm.security import RelaySecurity

ADDRESS = "relay://scheduler:8786"


@pytest.fixture
def running(cluster: rig.RelayedCluster) -> Iterator[SchedulerProcess]:
    with scheduler(cluster) as process:
        yield process


def test_its_folder_says_where_it_is_and_only_to_us(running: SchedulerProcess) -> None:
    file = running.folder / "http.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert running.http["pid"] == running.process.pid
    assert running.http["environment"]["packages"]["distributed"]
    assert [path.name for path in running.folder.glob(".http*")] == []


def test_it_listens_on_loopback_alone(running: SchedulerProcess) -> None:
    found = subprocess.run(
        ["ss", "-Hltnp"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    ours = f"pid={running.process.pid},"
    listening = [line.split()[3] for line in found.splitlines() if ours in line]
    assert listening == [f"127.0.0.1:{running.http['port']}"]


PAGES = """/ /status /sitespan/state /sitespan/code /sitespan/watch /sitespan/retire /metrics
/info/main/workers.html /json/identity.json /static/js/bokeh.min.js /statics/css/base.css
/health /api/v1/retire_workers /sitemap.json /individual-plots.json /eventstream /nothing"""


def test_every_page_needs_the_token(running: SchedulerProcess) -> None:
    answers = {path: running.ask(path, token="x" * 64) for path in PAGES.split()}
    assert answers == dict.fromkeys(PAGES.split(), 401)
    assert running.ask("/sitespan/retire", {"workers": []}, token="x" * 64) == 401


def test_with_the_token_dasks_own_pages_are_there(running: SchedulerProcess) -> None:
    assert "Dask" in running.ask("/status")
    assert len(running.ask("/static/js/bokeh.min.js")) > 100_000


def test_a_snapshot_of_an_empty_cluster(running: SchedulerProcess) -> None:
    snapshot = running.ask("/sitespan/state")
    assert snapshot["workers"] == []
    assert snapshot["clients"] == 0
    assert snapshot["adaptiveTarget"] == 0
    assert snapshot["tasks"] == {"waiting": 0, "processing": 0, "memory": 0, "erred": 0}
    nothing = {"events": 0, "bytes": 0}
    assert snapshot["gone"] == {**nothing, "again": nothing, "samples": {}}


def test_a_code_lets_a_browser_in_once(running: SchedulerProcess) -> None:
    code = running.ask("/sitespan/code", {})["code"]
    assert "/status" in running.ask(f"/sitespan/enter?code={code}", token="x" * 64)
    assert running.ask(f"/sitespan/enter?code={code}", token="x" * 64) == 401


def test_retiring_who_is_not_there_says_so(running: SchedulerProcess) -> None:
    answer = running.ask("/sitespan/retire", {"workers": ["north-9"], "timeoutSeconds": 5})
    assert answer == {"retired": [], "unknown": ["north-9"], "unfinished": []}


def test_a_malformed_retirement_is_refused(running: SchedulerProcess) -> None:
    for body in (
        [],
        {},
        {"workers": "north-1"},
        {"workers": [1]},
        {"workers": [], "timeoutSeconds": "soon"},
        {"workers": [], "timeoutSeconds": 0},
    ):
        assert running.ask("/sitespan/retire", body) == 400, body


async def test_who_watches_gets_a_snapshot_at_once_and_on_change(
    running: SchedulerProcess, cluster: rig.RelayedCluster
) -> None:
    url = f"ws://127.0.0.1:{running.http['port']}/sitespan/watch"
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(url)
    assert refused.value.code == 401
    bearer = {"Authorization": f"Bearer {running.token}"}
    watch = await websocket_connect(HTTPRequest(url, headers=bearer))
    first = json.loads(await watch.read_message())
    assert first["clients"] == 0
    own = RelaySecurity(cluster.identity("client", "me"))
    async with Client(ADDRESS, asynchronous=True, security=own):
        assert json.loads(await watch.read_message())["clients"] == 1
    watch.close()


class Evil:
    """Unpickled, it writes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (self.path,)


async def test_the_scheduler_unpickles_nothing_from_a_worker(
    running: SchedulerProcess, cluster: rig.RelayedCluster, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"

    async def send(role: str, subject: str) -> None:
        own = RelaySecurity(cluster.identity(role, subject))
        comm = await connect(ADDRESS, timeout=10, **own.get_connection_args(role))
        try:
            await send_recv(comm, op="who_has", keys=ToPickle(Evil(str(proof))))
        finally:
            comm.abort()

    with pytest.raises(RuntimeError, match="unpickles nothing from a worker"):
        await send("worker", "north-1")
    with pytest.raises(RuntimeError, match="unpickles nothing from a keeper"):
        await send("keeper", "keeper")
    assert not proof.exists()
    await send("client", "me")
    assert proof.exists()


def test_it_ends_in_order_when_told(running: SchedulerProcess) -> None:
    running.process.terminate()
    assert running.process.wait(15) == 0
    assert running.token not in running.log


@pytest.mark.parametrize(
    ("mode", "token", "sentence"),
    [(0o644, "t" * 64, "may be read by others"), (0o600, "short", "fewer than 32 characters")],
)
def test_a_token_that_is_none_is_refused(
    cluster: rig.RelayedCluster, tmp_path: Path, mode: int, token: str, sentence: str
) -> None:
    identity = cluster.identity("scheduler", "scheduler")
    write_private(tmp_path / "identity.json", json.dumps(identity.to_json()))
    write_private(tmp_path / "token", token).chmod(mode)
    ended = subprocess.run(
        [sys.executable, "-m", "sitespan.scheduler", "--folder", str(tmp_path)],
        env=rig.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert sentence in ended.stderr
