"""A kernels' host as a process of its own, as the keeper starts it, and a client of its socket."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent.parent / "src"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("kernel", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Host:
    """A running host."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, cwd: Path) -> None:
        self.process = process
        self.folder = folder
        self.cwd = cwd
        self.socket = folder / "host.sock"

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        connection = _UnixConnection(self.socket)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, f"/v1/{path}", data)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        status, said = self.call("POST", path, body)
        assert status == 200, said
        return json.loads(said)

    def refused(self, path: str, /, **body: Any) -> dict[str, Any]:
        status, said = self.call("POST", path, body)
        assert status >= 400, said
        return {"status": status, **json.loads(said)}

    @property
    def state(self) -> dict[str, Any]:
        return json.loads(self.call("GET", "state")[1])

    def cells(self, **sources: str) -> None:
        self.post("cells", cells=[{"id": k, "source": v} for k, v in sources.items()])

    def until(self, wished: Callable[[dict[str, Any]], bool], seconds: float = 120) -> Any:
        """Wait for a state, and return it; a first cell waits for distributed's import."""
        deadline = time.monotonic() + seconds
        while not wished(state := self.state):
            assert time.monotonic() < deadline, state
            time.sleep(0.02)
        return state

    def status(self, *ids: str) -> list[str]:
        """How the cells ended, once they all have."""
        over = ("done", "failed", "skipped")
        state = self.until(lambda s: all(s["cells"][cell]["status"] in over for cell in ids))
        return [state["cells"][cell]["status"] for cell in ids]

    def lines(self, cell: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        """The record: of a cell, of a type."""
        text = (self.folder / "record.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        return [
            line
            for line in lines
            if (cell is None or line["cell"] == cell) and (kind is None or line["type"] == kind)
        ]

    def printed(self, cell: str) -> str:
        return "".join(line["content"]["text"] for line in self.lines(cell, "stream"))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines(kind="host") if line["event"] == name]


@contextmanager
def kernel_host(root: Path, *, ready: bool = True, **environment: str) -> Iterator[Host]:
    """Start a host with its folder and its notebook's folder below `root`; ended at the end."""
    folder, cwd = root / "kernel", root / "notebook"
    cwd.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "sitespan.kernels"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--folder", str(folder), "--cwd", str(cwd)],
            env={**os.environ, "PYTHONPATH": str(SOURCES), **environment},
            stdout=log,
            stderr=log,
        )
    host = Host(process, folder, cwd)
    try:
        deadline = time.monotonic() + 30
        while not host.socket.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        if ready:
            host.until(lambda state: state["kernel"] == "idle")
        yield host
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def gone(pid: int, seconds: float = 10) -> bool:
    """Tell whether a process ends within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            # A zombie has ended: only its parent has not looked yet.
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False
