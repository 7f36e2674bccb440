"""What is counted of a task, and that it is what the storage really sent."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import uproot
from coffea.nanoevents import BaseSchema
from coffea.processor import IterativeExecutor, ProcessorABC, Runner

import rig
from sitespan import counters as counters_module
from sitespan.counters import Counters, Tally, current_tally
from sitespan.counting_hooks import CountingHooks

EVENTS = 200_000
BRANCHES = 8


@pytest.fixture(scope="module", autouse=True)
def hooks() -> None:
    CountingHooks().install()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of plain float64: eight branches of eight bytes an event."""
    path = tmp_path_factory.mktemp("data") / "events.root"
    random = np.random.default_rng(1)
    with uproot.recreate(path, compression=None) as root:
        tree = root.mktree("Events", {f"b{i}": np.float64 for i in range(BRANCHES)})
        for _ in range(10):
            tree.extend({f"b{i}": random.random(EVENTS // 10) for i in range(BRANCHES)})
    return path


class Storage(BaseHTTPRequestHandler):
    """A file server with ranges, like storage's; counts the bytes of the contents it sends."""

    protocol_version = "HTTP/1.1"
    content: ClassVar[bytes] = b""
    sent: ClassVar[int] = 0
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()

    def do_GET(self) -> None:
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        stop = min(int(last) + 1 if last else len(self.content), len(self.content))
        body = self.content[int(first) : stop]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{stop - 1}/{len(self.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with self.lock:  # before the client can have read it all
            Storage.sent += len(body)
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def storage(file: Path) -> Iterator[str]:
    """The file's URL at a server that starts counting now."""
    Storage.content, Storage.sent = file.read_bytes(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/events.root"
    server.shutdown()
    thread.join()
    server.server_close()


def read(url: str, branches: list[str], **options: object) -> None:
    with uproot.open({url: "Events"}, **options) as tree:
        tree.arrays(branches, library="np")


@pytest.mark.parametrize(
    "branches", [["b0"], ["b0", "b3", "b7"], [f"b{i}" for i in range(BRANCHES)]]
)
def test_bytes_over_http_are_what_the_server_sent(storage: str, branches: list[str]) -> None:
    with Counters().task() as tally:
        read(storage, branches)
    assert Storage.sent > EVENTS * 8 * len(branches)
    assert tally.bytes == pytest.approx(Storage.sent, rel=0.01)


def test_gaps_that_are_read_along_are_counted_as_the_server_sent_them(
    storage: str, tmp_path: Path
) -> None:
    """Small baskets: two branches of eight are asked for, and storage sends what lies between."""
    path = tmp_path / "small.root"
    with uproot.recreate(path, compression=None) as root:
        tree = root.mktree("Events", {f"b{i}": np.float64 for i in range(BRANCHES)})
        for _ in range(100):
            tree.extend({f"b{i}": np.ones(500) for i in range(BRANCHES)})
    Storage.content = path.read_bytes()
    with Counters().task() as tally:
        read(storage, ["b0", "b4"])
    assert Storage.sent > 2 * 50_000 * 8 * 2  # far more than was wanted
    assert tally.bytes == pytest.approx(Storage.sent, rel=0.01)


def test_bytes_over_uproots_own_http_source_are_what_the_server_sent(storage: str) -> None:
    with Counters().task() as tally:
        read(storage, ["b0", "b5"], handler=uproot.source.http.MultithreadedHTTPSource)
    assert Storage.sent > EVENTS * 8 * 2
    assert tally.bytes == pytest.approx(Storage.sent, rel=0.01)


@pytest.mark.parametrize(
    "handler", [None, uproot.MemmapSource, uproot.MultithreadedFileSource, "not found by memmap"]
)
def test_bytes_of_a_local_file_are_those_of_its_branches(
    file: Path, handler: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(
        handler, str
    ):  # a file system that cannot be mapped: memmap falls back on threads
        handler = uproot.MemmapSource
        monkeypatch.setattr(np, "memmap", _cannot_map)
    with Counters().task() as tally:
        read(str(file), [f"b{i}" for i in range(BRANCHES)], handler=handler)
    assert tally.bytes == pytest.approx(file.stat().st_size, rel=0.02)


def _cannot_map(*args: object, **kwargs: object) -> None:
    raise OSError("cannot be mapped")


def test_nothing_is_counted_outside_of_a_task(file: Path) -> None:
    read(str(file), ["b0"])
    assert current_tally() is None


def test_two_tasks_at_once_are_told_apart(file: Path) -> None:
    counters = Counters()

    def task(branches: list[str]) -> Tally:
        with counters.task() as tally:
            for _ in range(5):
                read(str(file), branches)
        return tally

    with ThreadPoolExecutor(2) as threads:
        one, three = threads.map(task, (["b0"], ["b0", "b3", "b6"]))
    assert one.bytes == pytest.approx(5 * EVENTS * 8, rel=0.05)
    assert three.bytes == pytest.approx(15 * EVENTS * 8, rel=0.05)


def test_a_thread_that_works_for_a_task_counts_for_it() -> None:
    with Counters().task() as tally:
        found = current_tally()
        assert found is tally
        context = copy_context()
        thread = threading.Thread(target=lambda: context.run(lambda: current_tally().add_bytes(7)))
        thread.start()
        thread.join()
    assert tally.bytes == 7


class Sum(ProcessorABC):  # type: ignore[misc]
    def process(self, events: object) -> dict[str, float]:
        return {"sum": float(np.sum(np.asarray(events.b0)))}  # type: ignore[attr-defined]

    def postprocess(self, accumulator: object) -> object:
        return accumulator


class Fails(Sum):
    def process(self, events: object) -> dict[str, float]:
        super().process(events)
        raise RuntimeError("the analysis fails")


def run(file: Path, processor: ProcessorABC) -> None:
    runner = Runner(executor=IterativeExecutor(status=False), schema=BaseSchema, chunksize=60_000)
    runner({"ttbar": {"files": {str(file): "Events"}}}, processor_instance=processor)


def test_a_coffea_run_counts_events_files_and_bytes_of_its_sample(file: Path) -> None:
    with Counters().task() as tally:
        run(file, Sum())
    counts = tally.counts()
    assert counts is not None
    assert counts["events"] == EVENTS
    sample = counts["samples"]["ttbar"]
    assert (sample["events"], sample["files"]) == (EVENTS, 1)
    assert EVENTS * 8 < sample["bytes"] < counts["bytes"]
    assert sample["seconds"] > 0


def test_a_chunk_that_fails_has_processed_no_events(file: Path) -> None:
    with Counters().task() as tally, pytest.raises(Exception, match="the analysis fails"):
        run(file, Fails())
    counts = tally.counts()
    assert counts is not None
    assert (counts["events"], counts["samples"]) == (0, {})
    assert counts["bytes"] > 0


def test_a_task_that_read_nothing_sends_nothing() -> None:
    with Counters().task() as tally:
        pass
    assert tally.counts() is None


def test_roots_own_bytes_go_to_the_task_that_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    total = [1_000_000]  # read before the first task
    root = types.ModuleType("ROOT")
    root.TFile = types.SimpleNamespace(GetFileBytesRead=lambda: total[0])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ROOT", root)
    counters = Counters()
    with counters.task() as first:
        total[0] += 500
    total[0] += 99  # by nobody's task
    with counters.task() as second:
        total[0] += 7
    assert (first.bytes, second.bytes) == (500, 7)


def test_something_else_called_root_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ROOT", types.ModuleType("ROOT"))
    with Counters().task() as tally:
        pass
    assert tally.bytes == 0


def test_the_price_of_counting_is_known_and_small(file: Path) -> None:
    counters = Counters()
    with counters.task():
        run(file, Sum())
    assert 0 < counters.overhead_seconds < 1


def test_modules_imported_later_are_counted_too_and_none_is_imported_for_it(file: Path) -> None:
    code = f"""
import sys
from sitespan.counters import Counters
from sitespan.counting_hooks import CountingHooks
CountingHooks().install()
assert not any(name.startswith(("uproot", "coffea")) for name in sys.modules)
import uproot
with Counters().task() as tally, uproot.open({{{str(file)!r}: "Events"}}) as tree:
    tree["b0"].array(library="np")
print(tally.bytes)
"""
    printed = rig.printed_by(code)
    assert int(printed) >= EVENTS * 8


def test_a_library_that_looks_different_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = types.ModuleType("coffea.processor.executor")  # without a Runner
    monkeypatch.setitem(sys.modules, "coffea.processor.executor", module)
    hooks = CountingHooks()
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    hooks.install()
    assert "its work is not counted" in caplog.text


def test_uproots_dask_partitions_are_counted() -> None:
    from sitespan import counting_hooks

    class Read:
        def __call__(self, where: tuple[int, int]) -> list[int]:
            return list(range(*where))

    module = types.ModuleType("uproot._dask")
    module._UprootRead = Read  # type: ignore[attr-defined]
    counting_hooks._patch("uproot._dask", module)
    with Counters().task() as tally:
        assert Read()((10, 25)) == list(range(10, 25))
    counts = tally.counts()
    assert counts is not None
    assert counts["events"] == 15


assert counters_module.METADATA == "sitespan"
