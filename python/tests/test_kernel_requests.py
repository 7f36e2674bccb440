"""What editors ask of a kernels' host with a real ipykernel: whose cells, completion, restart."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kernel_rig import Host, gone, kernel_host

PLACE = {"id": "c1", "index": 3, "hash": "abc"}
DOCUMENT = "vscode-remote://ssh/home/me/n.ipynb"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with kernel_host(tmp_path_factory.mktemp("host")) as host:
        yield host


def test_which_cell_of_which_document_it_is_comes_back(host: Host) -> None:
    host.post("cells", cells=[{"id": "w", "source": "1", "document": DOCUMENT, "cell": PLACE}])
    assert host.status("w") == ["done"]
    (queued,) = [e for e in host.events("cell-queued") if e["cell"] == "w"]
    assert (queued["document"], queued["place"]) == (DOCUMENT, PLACE)
    state = host.state["cells"]["w"]
    assert (state["document"], state["place"], state["seen"]) == (DOCUMENT, PLACE, False)
    assert state["ended"] >= state["started"]
    line = (host.folder / "record.jsonl").read_bytes()[state["offset"] :].splitlines()[0]
    assert json.loads(line) == queued


def test_what_a_saved_document_holds_is_noted_once_and_only_when_it_has_ended(host: Host) -> None:
    host.cells(asks="input('? ')")
    host.until(lambda s: s["input"] is not None)
    host.post("cells-seen", ids=["asks", "unknown"])
    assert not host.state["cells"]["asks"]["seen"]
    host.post("input", value="")
    assert host.status("asks") == ["done"]
    for _ in range(2):
        host.post("cells-seen", ids=["asks", "unknown"])
    assert host.state["cells"]["asks"]["seen"]
    assert [e["cells"] for e in host.events("cells-seen")] == [["asks"]]


def test_a_document_that_was_moved_takes_its_cells_along(host: Host) -> None:
    asked = {"m1": "file:///old.ipynb", "m2": "file:///other.ipynb"}
    host.post("cells", cells=[{"id": i, "source": "1", "document": d} for i, d in asked.items()])
    host.post("document-moved", before="file:///old.ipynb", now="file:///new.ipynb")
    host.post("document-moved", before="file:///nobody.ipynb", now="file:///new.ipynb")
    cells = host.state["cells"]
    assert [cells[i]["document"] for i in asked] == ["file:///new.ipynb", "file:///other.ipynb"]
    (moved,) = host.events("document-moved")
    assert (moved["before"], moved["document"]) == ("file:///old.ipynb", "file:///new.ipynb")


def test_a_failure_skips_the_rest_of_its_own_request_only(host: Host) -> None:
    host.cells(gate="input('? ')", fails="1/0", with_it="1")
    host.until(lambda s: s["input"] is not None)
    host.cells(another="print('ran')")
    host.post("input", value="")
    assert host.status("gate", "fails", "with_it", "another") == [
        "done",
        "failed",
        "skipped",
        "done",
    ]


def test_a_place_or_document_of_another_form_is_refused(host: Host) -> None:
    for wrong in ({"cell": "first"}, {"document": 7}, {"document": ""}):
        answer = host.refused("cells", cells=[{"id": "x", "source": "1", **wrong}])
        assert (answer["status"], answer["code"]) == (400, "bad-request")
    assert host.refused("cells-seen", ids="w")["code"] == "bad-request"
    for cursor in (-1, "0", True):
        assert host.refused("complete", code="", cursor=cursor)["code"] == "bad-request"


def test_completes_and_inspects_what_the_cells_have_made(host: Host) -> None:
    host.cells(makes="muon_count = 7\ndef reweight(events):\n    '''Weights by year.'''")
    assert host.status("makes") == ["done"]
    before = host.state["offset"]
    found = host.post("complete", code="x = muon_co", cursor=11)
    assert "muon_count" in found["matches"]
    assert (found["cursor_start"], found["cursor_end"]) == (4, 11)
    told = host.post("inspect", code="reweight", cursor=4, detail=0)
    assert told["found"]
    assert "Weights by year." in told["data"]["text/plain"]
    assert not host.post("inspect", code="no_such_name", cursor=4, detail=0)["found"]
    # Nobody's output, and nothing for those who follow the record.
    assert host.state["offset"] == before


def test_a_busy_kernel_is_said_to_be_at_once(host: Host) -> None:
    host.cells(busy="input('? ')")
    host.until(lambda s: s["input"] is not None)
    began = time.monotonic()
    assert host.post("complete", code="x", cursor=1) == {"busy": True}
    assert host.post("inspect", code="x", cursor=1, detail=0) == {"busy": True}
    assert time.monotonic() - began < 2
    host.post("input", value="")
    assert host.status("busy") == ["done"]


def test_its_state_can_be_had_without_every_cell(host: Host) -> None:
    host.cells(waits="input('? ')", behind="1")
    whole = host.until(lambda s: s["input"] is not None)
    brief = json.loads(host.call("GET", "state?brief=1")[1])
    assert brief["cells"] == {}
    statuses = [cell["status"] for cell in whole["cells"].values()]
    assert brief["counts"] == {name: statuses.count(name) for name in brief["counts"]}
    assert (brief["counts"]["running"], brief["counts"]["queued"]) == (1, 1)
    assert brief["running"] == {"cell": "waits", "since": whole["cells"]["waits"]["started"]}
    host.post("input", value="")
    assert host.status("behind") == ["done"]
    assert host.state["running"] is None


def test_tells_when_it_had_to_do_and_when_somebody_looked(host: Host) -> None:
    before = time.time()
    host.cells(works="1")
    assert host.status("works") == ["done"]
    active = host.state["active"]
    assert before <= active <= time.time()
    host.call("GET", f"record?offset={host.state['offset']}&timeout=0.05")
    looked = host.state["looked"]
    assert active < looked <= time.time()
    assert host.state["active"] == active


def test_restart_is_another_kernel_and_the_record_goes_on(tmp_path: Path) -> None:
    with kernel_host(tmp_path) as host:
        host.cells(before="x = 1", long="print('on', flush=True)\nwhile True: pass", behind="2")
        host.until(lambda _: host.printed("long") != "")
        first = host.state["pid"]
        before = (host.folder / "record.jsonl").read_bytes()
        host.post("restart")
        host.cells(after="print('x' in globals())")
        assert host.status("before", "long", "behind", "after") == [
            "done",
            "failed",
            "skipped",
            "done",
        ]
        assert host.printed("after") == "False\n"
        assert host.state["cells"]["after"]["count"] == 1
        assert gone(first, 1)
        assert host.state["pid"] != first
        assert (host.folder / "record.jsonl").read_bytes().startswith(before)
        (skipped,) = host.events("cell-skipped")
        assert (skipped["cell"], skipped["because"]) == ("behind", "restarted")
        order = [e["event"] for e in host.lines(kind="host") if e["event"].startswith("kernel-")]
        assert order == [
            "kernel-starting",
            "kernel-ready",
            "kernel-restarting",
            "kernel-starting",
            "kernel-ready",
        ]


def test_restart_brings_back_a_kernel_that_died(tmp_path: Path) -> None:
    with kernel_host(tmp_path) as host:
        host.cells(dies="import os\nos.kill(os.getpid(), 9)")
        host.until(lambda s: s["kernel"] == "dead")
        host.post("restart")
        host.cells(lives="print('again')")
        assert host.status("dies", "lives") == ["failed", "done"]
        # Modules beside the notebook are watched in the new one, too.
        assert host.events("note") == []


def test_restarts_that_come_at_once_leave_one_kernel(tmp_path: Path) -> None:
    with kernel_host(tmp_path, ready=False) as host:
        for _ in range(3):
            host.post("restart")
        host.cells(one="print('up')")
        assert host.status("one") == ["done"]
        pid = host.state["pid"]
        children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children").read_text()
        assert children.split() == [str(pid)]


def test_an_end_that_comes_during_a_restart_leaves_nothing(tmp_path: Path) -> None:
    with kernel_host(tmp_path) as host:
        host.cells(busy="print('on', flush=True)\nwhile True: pass")
        host.until(lambda _: host.printed("busy") != "")
        kernel = host.state["pid"]
        with ThreadPoolExecutor() as threads:
            restart = threads.submit(host.call, "POST", "restart", {})
            host.until(lambda _: host.events("kernel-restarting") != [])
            host.process.terminate()
            assert host.process.wait(60) == 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                restart.result(60)
        assert gone(kernel, 1)
        assert [e["event"] for e in host.lines(kind="host")][-1] == "stopped"
        assert len(host.events("kernel-starting")) == 1


def test_a_restart_ends_a_notebook_that_runs_and_its_file_says_so(tmp_path: Path) -> None:
    with kernel_host(tmp_path) as host:
        path, save = host.cwd / "n.ipynb", host.cwd / "executed.ipynb"
        sources = ("print('on', flush=True)\ninput()", "2")
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        host.post("notebook", path=str(path), save=str(save), id="n")
        host.until(lambda s: s["input"] is not None)
        host.post("restart")
        host.until(lambda s: s["kernel"] == "idle")
        assert host.state["input"] is None
        assert [e["status"] for e in host.events("notebook-ended")] == ["failed"]
        outputs = json.loads(save.read_text())["cells"][0]["outputs"]
        assert outputs[0]["text"] == "on\n"
        assert outputs[-1]["output_type"] == "error"


def test_the_executed_notebook_has_the_times_that_jupyterlab_writes(host: Host) -> None:
    path, save = host.cwd / "times.ipynb", host.cwd / "times-executed.ipynb"
    old = {"execution": {"iopub.execute_input": "2001-01-01T00:00:00Z"}, "tags": ["kept"]}
    cells = [
        nbformat.v4.new_code_cell("import time\ntime.sleep(0.3)", metadata=old),
        nbformat.v4.new_code_cell("1/0", metadata=old),
        nbformat.v4.new_code_cell("never", metadata=old),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    host.post("notebook", path=str(path), save=str(save), id="times")
    host.until(lambda s: s["cells"]["times:" + cells[2]["id"]]["status"] == "skipped")
    book = json.loads(save.read_text())
    nbformat.validate(book)
    ran, failed, never = (cell["metadata"] for cell in book["cells"])
    names = [
        "iopub.execute_input",
        "iopub.status.busy",
        "iopub.status.idle",
        "shell.execute_reply",
        "shell.execute_reply.started",
    ]
    assert sorted(ran["execution"]) == sorted(failed["execution"]) == names
    assert never == {"tags": ["kept"]}
    assert all(moment.endswith("Z") for moment in ran["execution"].values())
    assert seconds(ran, "shell.execute_reply.started", "shell.execute_reply") >= 0.3
    assert seconds(ran, "iopub.status.busy", "iopub.status.idle") >= 0.3


def seconds(metadata: dict[str, Any], first: str, last: str) -> float:
    moments = [metadata["execution"][name] for name in (first, last)]
    begin, end = (datetime.fromisoformat(one.replace("Z", "+00:00")) for one in moments)
    return (end - begin).total_seconds()
