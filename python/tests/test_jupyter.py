"""A cluster's Jupyter server by itself; on a cluster: test/integration/cluster/jupyter.test.ts."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import process_rig

PATIENCE_SECONDS = 60.0


def soon(condition: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


class Server:
    """One that runs, and what it answers to whoever has its token."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, token: str) -> None:
        self.process = process
        self.folder = folder
        self._token = token

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        port = json.loads((self.folder / "http.json").read_text())["port"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self._token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    # A kernel of the user's, which is not on the cluster.
    other = tmp_path / "elsewhere" / "kernels" / "other"
    other.mkdir(parents=True)
    spec = {"argv": ["false"], "display_name": "Other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("JUPYTER_TOKEN", "known-to-everybody")
    folder = tmp_path / "server"
    folder.mkdir()
    token = secrets.token_urlsafe(24)
    process_rig.write_private(folder / "token", token)
    arguments = ("--folder", str(folder), "--name", "TTbar")
    with process_rig.module("sitespan.jupyter", *arguments, folder=folder) as process:
        soon(lambda: (folder / "http.json").exists() or process.poll() is not None, "its start")
        assert process.poll() is None, (folder / "log").read_text()
        yield Server(process, folder, token)


def processes_of(text: str) -> list[int]:
    """Ids of the processes that have a text in their arguments."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in line.read_bytes().replace(b"\0", b" ").decode():
                found.append(int(line.parent.name))
        except OSError:
            continue
    return found


def test_it_offers_the_clusters_kernel_and_no_other(server: Server) -> None:
    offered = server.ask("/api/kernelspecs")
    assert offered["default"] == "sitespan-ttbar"
    assert list(offered["kernelspecs"]) == ["sitespan-ttbar"]
    assert offered["kernelspecs"]["sitespan-ttbar"]["spec"]["display_name"] == "TTbar (Sitespan)"


def test_its_kernels_end_with_it_even_when_it_is_killed(server: Server) -> None:
    kernel = server.ask("/api/kernels", {})["id"]
    soon(lambda: len(processes_of(f"kernel-{kernel}.json")) == 1, "the kernel's start")
    server.process.send_signal(signal.SIGKILL)
    soon(lambda: processes_of(f"kernel-{kernel}.json") == [], "the kernel's end")


def test_it_ends_when_it_is_told_to_and_leaves_no_socket(server: Server) -> None:
    kernel = server.ask("/api/kernels", {})["id"]
    [pid] = processes_of(f"kernel-{kernel}.json")
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    [connection] = [Path(one) for one in arguments if one.endswith(f"kernel-{kernel}.json")]
    assert connection.parent.stat().st_mode & 0o777 == 0o700
    server.process.terminate()
    assert server.process.wait(PATIENCE_SECONDS) == 0
    assert not connection.parent.exists()
    assert processes_of(f"kernel-{kernel}.json") == []


@pytest.mark.parametrize(
    ("token", "mode", "sentence"),
    [("x" * 40, 0o644, "may be read by others"), ("short", 0o600, "has fewer than 32 characters")],
)
def test_a_token_that_keeps_nobody_out_is_refused(
    tmp_path: Path, token: str, mode: int, sentence: str
) -> None:
    (tmp_path / "token").write_text(token)
    os.chmod(tmp_path / "token", mode)
    arguments = ("--folder", str(tmp_path), "--name", "ttbar")
    with process_rig.module("sitespan.jupyter", *arguments, folder=tmp_path) as process:
        assert process.wait(PATIENCE_SECONDS) == 2
    assert sentence in (tmp_path / "log").read_text()
    assert not (tmp_path / "http.json").exists()
