"""The kernels' host as its users see it: a real process with a real ipykernel."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kernel_rig import SOURCES, Host, gone, kernel_host


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with kernel_host(tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture
def host(shared_host: Host) -> Iterator[Host]:
    """A host for all tests that leave its kernel alive."""
    yield shared_host
    if shared_host.state["kernel"] == "busy":  # a test that failed must not take the rest along
        shared_host.post("interrupt")


@pytest.fixture
def own_host(tmp_path: Path) -> Iterator[Host]:
    with kernel_host(tmp_path) as host:
        yield host


def notebook(path: Path, *sources: str) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    nbformat.write(book, path)
    return path


def executed(path: Path) -> Any:
    """The executed notebook, proved to be one."""
    book = json.loads(path.read_text())
    nbformat.validate(book)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    return book["cells"]


def texts(outputs: list[dict[str, Any]]) -> list[str]:
    return [o.get("text") or o.get("data", {}).get("text/plain") or o["ename"] for o in outputs]


def run(host: Host, name: str, *sources: str) -> Any:
    """Run a notebook to its end, and return the executed one's cells."""
    save = host.cwd / f"{name}-executed.ipynb"
    source = notebook(host.cwd / f"{name}.ipynb", *sources)
    host.post("notebook", path=str(source), save=str(save), id=name)
    deadline = time.monotonic() + 30
    while not any(e["notebook"] == name for e in host.events("notebook-ended")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return executed(save)


def test_a_cell_runs_and_all_it_says_is_recorded(host: Host) -> None:
    host.cells(hello="print('hello')\n6 * 7")
    assert host.status("hello") == ["done"]
    assert host.printed("hello") == "hello\n"
    (result,) = host.lines("hello", "execute_result")
    assert result["content"]["data"] == {"text/plain": "42"}
    (ended,) = [e for e in host.events("cell-ended") if e["cell"] == "hello"]
    assert ended["count"] == host.state["cells"]["hello"]["count"] == 1


def test_cells_run_one_after_the_other_in_order(host: Host) -> None:
    host.cells(order1="seen = [1]", order2="seen.append(2)", order3="print(seen)")
    assert host.status("order1", "order2", "order3") == ["done"] * 3
    assert host.printed("order3") == "[1, 2]\n"


def test_asking_twice_is_asking_once(host: Host) -> None:
    host.cells(twice="n = globals().get('n', 0) + 1\nprint(n)")
    host.cells(twice="print('again')", after_twice="1")
    assert host.status("twice", "after_twice") == ["done", "done"]
    assert host.printed("twice") == "1\n"


def test_after_a_failure_the_rest_of_the_notebook_is_skipped_and_another_runs(host: Host) -> None:
    save = str(host.cwd / "none.ipynb")
    for name, sources in {"bad": ("1", "1/0", "print('never')"), "good": ("5",)}.items():
        path = notebook(host.cwd / f"{name}.ipynb", *sources)
        host.post("notebook", path=str(path), save=save, id=name)
    state = host.until(lambda s: all(c["status"] != "queued" for c in s["cells"].values()))
    bad = [c["status"] for key, c in state["cells"].items() if key.startswith("bad:")]
    assert bad == ["done", "failed", "skipped"]
    host.until(lambda s: s["kernel"] == "idle")
    ends = [(e["notebook"], e["status"]) for e in host.events("notebook-ended")]
    assert ends == [("bad", "failed"), ("good", "done")]


def test_the_kernel_lives_on_after_a_failed_cell(host: Host) -> None:
    host.cells(fails="1/0", skipped="2")
    assert host.status("fails", "skipped") == ["failed", "skipped"]
    host.cells(lives="3")
    assert host.status("lives") == ["done"]


def test_interrupt_ends_the_running_cell_and_gives_up_the_queue(host: Host) -> None:
    host.cells(long="print('on', flush=True)\nimport time\ntime.sleep(60)", behind="1")
    host.until(lambda _: host.printed("long") != "")
    host.post("interrupt")
    assert host.status("long", "behind") == ["failed", "skipped"]
    (error,) = host.lines("long", "error")
    assert error["content"]["ename"] == "KeyboardInterrupt"
    host.cells(goes_on="print('on')")
    assert host.status("goes_on") == ["done"]


def test_input_waits_for_an_answer_and_a_password_is_not_recorded(host: Host) -> None:
    host.cells(asks="from getpass import getpass\nprint(len(getpass('Password? ')))")
    asked = host.until(lambda s: s["input"] is not None)["input"]
    assert asked == {"cell": "asks", "prompt": "Password? ", "password": True}
    host.post("input", value="hunter2-secret")
    assert host.status("asks") == ["done"]
    assert host.printed("asks") == "14\n"
    assert "hunter2-secret" not in (host.folder / "record.jsonl").read_text()
    assert host.refused("input", value="x")["code"] == "no-input"


def test_the_executed_notebook_has_what_a_notebook_program_would_keep(host: Host) -> None:
    cells = run(
        host,
        "outputs",
        "for i in range(3):\n    print(i, flush=True)",
        "import sys\nprint('a', flush=True)\nprint('b', file=sys.stderr, flush=True)\nprint('c')",
        "from IPython.display import display, clear_output\nprint('old')\nclear_output(wait=True)\n"
        "print('new')",
        "h = display('first', display_id='d')",
        "h.update('second')",
        "for i in range(3): print(f'\\r{i} %', end='')",
        "'value'",
    )
    assert [texts(cell["outputs"]) for cell in cells] == [
        ["0\n1\n2\n"],
        ["a\n", "b\n", "c\n"],
        ["new\n"],
        ["'second'"],
        [],
        ["2 %"],
        ["'value'"],
    ]
    counts = [cell["execution_count"] for cell in cells]
    assert counts == list(range(counts[0], counts[0] + 7))
    assert cells[6]["outputs"][0]["execution_count"] == counts[6]


def test_the_executed_notebook_grows_while_it_runs(host: Host) -> None:
    path = notebook(host.cwd / "grows.ipynb", "print('early', flush=True)\ninput()")
    save = host.cwd / "grows-executed.ipynb"
    host.post("notebook", path=str(path), save=str(save), id="grows")
    host.until(lambda s: s["input"] is not None and save.exists() and executed(save)[0]["outputs"])
    assert texts(executed(save)[0]["outputs"]) == ["early\n"]
    host.post("input", value="")
    host.until(lambda s: s["kernel"] == "idle")


def test_the_notebook_itself_is_not_touched_and_its_old_outputs_do_not_stay(host: Host) -> None:
    cell = nbformat.v4.new_code_cell("pass", outputs=[nbformat.v4.new_output("stream", text="old")])
    prose = nbformat.v4.new_markdown_cell("# Title")
    path = host.cwd / "kept.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[prose, cell]), path)
    before = path.read_bytes()
    save = host.cwd / "kept-executed.ipynb"
    answer = host.post("notebook", path=str(path), save=str(save))
    (queued,) = answer["cells"]
    assert (queued["cell"], queued["index"]) == (cell["id"], 1)
    assert host.status(queued["id"]) == ["done"]
    assert path.read_bytes() == before
    assert ["".join(c["source"]) for c in executed(save)] == ["# Title", "pass"]
    assert executed(save)[1]["outputs"] == []


def test_a_notebook_that_is_none_is_refused_in_a_sentence(host: Host) -> None:
    path = host.cwd / "odd.ipynb"
    save = str(host.cwd / "odd-executed.ipynb")
    for content, sentence in {
        "not json": "is not a notebook: it is not JSON.",
        "{}": "is not a notebook: it has no nbformat version.",
        '{"nbformat": 3, "worksheets": []}': "is a notebook of version 3; open and save it",
        '{"nbformat": 4, "cells": []}': "has no code to run.",
    }.items():
        path.write_text(content)
        answer = host.refused("notebook", path=str(path), save=save)
        assert answer["code"] == "not-a-notebook"
        assert sentence in answer["message"]
    path.unlink()
    assert "cannot be read" in host.refused("notebook", path=str(path), save=save)["message"]


def test_a_malformed_request_is_refused_in_a_sentence(host: Host) -> None:
    for path, body in {
        "cells": {"cells": [{"id": "x"}]},
        "notebook": {"path": "relative.ipynb", "save": "relative.ipynb"},
        "input": {},
    }.items():
        answer = host.refused(path, **body)
        assert (answer["status"], answer["code"]) == (400, "bad-request")
    assert host.call("POST", "cells", ["x"])[0] == 400
    assert host.call("GET", "nowhere")[0] == 404


def test_a_reader_follows_the_record_from_its_own_offset(host: Host) -> None:
    offset = host.state["offset"]
    heard: list[bytes] = []
    reader = threading.Thread(
        target=lambda: heard.append(host.call("GET", f"record?offset={offset}&timeout=20")[1])
    )
    reader.start()
    time.sleep(0.1)
    assert heard == []  # it waits
    host.cells(followed="print('followed')")
    reader.join(20)
    assert json.loads(heard[0].splitlines()[0])["event"] == "cell-queued"
    assert host.status("followed") == ["done"]
    whole = host.call("GET", f"record?offset={offset}")[1]
    assert whole.startswith(heard[0])
    assert whole == (host.folder / "record.jsonl").read_bytes()[offset : offset + len(whole)]
    end = offset + len(whole)
    assert host.call("GET", f"record?offset={end}&timeout=0.05") == (200, b"")
    assert host.call("GET", f"record?offset={end + 10**9}")[0] == 400


def test_nothing_is_lost_of_a_flood(host: Host) -> None:
    host.cells(
        flood="from IPython.display import display\nfor i in range(3000): display(i)",
        printed="for i in range(100_000): print(i)",
    )
    assert host.status("flood", "printed") == ["done", "done"]
    shown = [line["content"]["data"]["text/plain"] for line in host.lines("flood", "display_data")]
    assert shown == [str(i) for i in range(3000)]
    assert host.printed("printed") == "".join(f"{i}\n" for i in range(100_000))


def test_binary_parts_of_a_message_are_recorded(host: Host) -> None:
    host.cells(
        binary="from comm import create_comm\n"
        "c = create_comm(target_name='t', data={'n': 1}, buffers=[b'\\x00\\xff'])"
    )
    assert host.status("binary") == ["done"]
    (opened,) = host.lines("binary", "comm_open")
    assert [base64.b64decode(part) for part in opened["buffers"]] == [b"\x00\xff"]


def test_others_cannot_open_what_is_the_users(host: Host) -> None:
    for path in (host.socket, host.folder / "record.jsonl"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_files_made_in_a_cell_have_the_users_own_mode(host: Host) -> None:
    host.cells(makes="open('made', 'w').close()")
    assert host.status("makes") == ["done"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((host.cwd / "made").stat().st_mode) == 0o666 & ~umask


def test_the_kernel_is_of_this_python_in_the_notebooks_folder_with_the_hosts_environment(
    tmp_path: Path,
) -> None:
    with kernel_host(tmp_path, MINE="yes", VSCODE_PID="1", TERM_PROGRAM="vscode") as host:
        host.cells(
            where="import os, sys\nprint(sys.executable)\nprint(os.getcwd())\n"
            "print([os.environ.get(n) for n in ('MINE', 'VSCODE_PID', 'TERM_PROGRAM')])"
        )
        assert host.status("where") == ["done"]
        expected = [os.path.normpath(sys.executable), str(host.cwd), "['yes', None, None]"]
        assert host.printed("where").splitlines() == expected


def test_the_users_modules_are_watched_without_leaving_names(own_host: Host) -> None:
    own_host.cells(
        names="print(sorted(n for n in globals() if 'sitespan' in n.lower() or n == 'watch'))\n"
        "import sys\nprint('sitespan.modules' in sys.modules)"
    )
    assert own_host.status("names") == ["done"]
    assert own_host.printed("names") == "[]\nTrue\n"
    assert own_host.events("note") == []


def test_modules_beside_the_notebook_reach_workers_between_cells(own_host: Host) -> None:
    code = "def value():\\n    return {}, __file__.split('/')[-3]\\n"
    ask = "print(client.submit(cuts.value, pure=False).result(30))"
    own_host.cells(
        # Other than the product's relay://, so that no relay is needed here.
        watch="import sitespan.modules\nsitespan.modules.watch('.', addresses=('tcp://',))",
        write=f"open('cuts.py', 'w').write(\"{code.format(1)}\")\nimport cuts",
        start="from distributed import Client, LocalCluster\n"
        "cluster = LocalCluster(n_workers=1, host='127.0.0.1', dashboard_address='127.0.0.1:0')\n"
        "client = Client(cluster)",
        first=ask,
        edit=f"open('cuts.py', 'w').write(\"{code.format(22)}\")",
        second=ask,
        end="client.close()\ncluster.close()",
    )
    assert set(own_host.status("watch", "write", "start", "first", "edit", "second", "end")) == {
        "done"
    }
    assert own_host.printed("first") == "(1, 'modules')\n"
    assert own_host.printed("second") == "(22, 'modules')\n"


def test_the_kernels_death_is_noticed_and_said(own_host: Host) -> None:
    path = notebook(own_host.cwd / "dies.ipynb", "import os\nos.kill(os.getpid(), 9)", "1")
    save = own_host.cwd / "executed.ipynb"
    own_host.post("notebook", path=str(path), save=str(save))
    state = own_host.until(lambda s: s["kernel"] == "dead")
    assert [c["status"] for c in state["cells"].values()] == ["failed", "skipped"]
    (ended,) = own_host.events("kernel-ended")
    assert "SIGKILL" in ended["message"]
    assert own_host.refused("cells", cells=[])["code"] == "kernel-dead"
    own_host.post("shutdown")
    assert own_host.process.wait(20) == 0
    (error,) = executed(save)[0]["outputs"]
    assert "SIGKILL" in error["evalue"]


def test_exit_in_a_cell_ends_the_kernel_without_a_hang(own_host: Host) -> None:
    own_host.cells(leaves="exit()", behind="1")
    state = own_host.until(lambda s: s["kernel"] == "dead")
    assert state["cells"]["behind"]["status"] in ("failed", "skipped")


def test_term_ends_host_and_kernel_in_order(own_host: Host) -> None:
    path = notebook(own_host.cwd / "long.ipynb", "print('on', flush=True)\nwhile True: pass", "1")
    save = own_host.cwd / "executed.ipynb"
    own_host.post("notebook", path=str(path), save=str(save), id="long")
    (cell,) = [key for key in own_host.state["cells"] if key.startswith("long:")][:1]
    own_host.until(lambda _: own_host.printed(cell) != "")
    kernel = own_host.state["pid"]
    own_host.process.terminate()
    assert own_host.process.wait(20) == 0
    assert gone(kernel, 1)
    assert not own_host.socket.exists()
    assert own_host.events("stopped")
    (ended,) = own_host.events("notebook-ended")
    assert ended["status"] == "failed"
    assert executed(save)[0]["outputs"][0]["text"] == "on\n"


def test_nothing_outlives_a_host_that_is_killed_but_its_record(tmp_path: Path) -> None:
    # A short path of its own, for the sockets: those of other kernels must not be swept here.
    with tempfile.TemporaryDirectory() as runtime:
        sockets = Path(runtime) / "sitespan"
        with kernel_host(tmp_path / "first", XDG_RUNTIME_DIR=runtime) as host:
            host.cells(busy="print('on', flush=True)\nwhile True: pass")
            host.until(lambda _: host.printed("busy") != "")
            kernel = host.state["pid"]
            (left,) = sockets.iterdir()
            assert stat.S_IMODE(left.stat().st_mode) & 0o077 == 0
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            assert gone(kernel)
            assert host.printed("busy") == "on\n"
        with kernel_host(tmp_path / "second", XDG_RUNTIME_DIR=runtime):
            assert not left.exists()
        assert list(sockets.iterdir()) == []


def test_a_host_that_starts_again_continues_the_record(tmp_path: Path) -> None:
    with kernel_host(tmp_path) as first:
        first.cells(one="print('first')")
        assert first.status("one") == ["done"]
    record = tmp_path / "kernel" / "record.jsonl"
    before = record.read_bytes()
    record.write_bytes(before + b'{"torn')
    with kernel_host(tmp_path) as second:
        assert record.read_bytes().startswith(before)
        assert len(second.events("kernel-ready")) == 2


def test_a_second_host_on_the_same_folder_is_refused(own_host: Host) -> None:
    second = start(own_host.folder, own_host.cwd)
    assert second.returncode == 2
    assert "Another kernel host works in" in second.stderr
    assert own_host.state["kernel"] == "idle"


def test_an_environment_that_lacks_something_is_said_before_anything_starts(tmp_path: Path) -> None:
    for package in ("ipykernel", "distributed"):
        code = (
            "import importlib.util as u, runpy, sys\n"
            "find = u.find_spec\n"
            f"u.find_spec = lambda n, *a: None if n == {package!r} else find(n, *a)\n"
            "runpy.run_module('sitespan.kernels', run_name='__main__')"
        )
        answer = start(tmp_path / "kernel", tmp_path, "-c", code)
        assert answer.returncode == 2
        assert f"has no {package}; install it there" in answer.stderr
        assert not (tmp_path / "kernel").exists()


def test_a_socket_path_that_is_too_long_is_said(tmp_path: Path) -> None:
    answer = start(tmp_path / ("long" * 30), tmp_path)
    assert answer.returncode == 2
    assert "too long for a socket" in answer.stderr


def start(folder: Path, cwd: Path, *how: str) -> subprocess.CompletedProcess[str]:
    arguments = [*(how or ("-m", "sitespan.kernels")), "--folder", str(folder), "--cwd", str(cwd)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
