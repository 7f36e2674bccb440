"""Our scheduler and workers as processes of their own, started as the product starts them."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rig

# From src the entry point of relay:// is not installed, so a process is told of it.
START = "import sys, rig; rig.register_backend(); import runpy; sys.argv = sys.argv[1:]; "
START += "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"


def write_private(path: Path, text: str) -> Path:
    """Write a file of mode 0600."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


@contextmanager
def module(name: str, *arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python -m name`` in a folder with its output in ``log``; killed at the end."""
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-c", START, name, *arguments],
            cwd=folder,
            env=rig.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield child
    finally:
        child.kill()
        child.wait(10)


@dataclass
class SchedulerProcess:
    """A scheduler that runs, and its HTTP side."""

    process: subprocess.Popen[bytes]
    folder: Path
    token: str
    http: dict[str, Any]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, path: str, body: object = None, *, token: str | None = None) -> Any:
        """Ask by GET, or POST a body; the JSON, or the status where it is refused."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http['port']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            return error.code
        return json.loads(text) if text.startswith(b"{") else text.decode()


@contextmanager
def scheduler(cluster: rig.RelayedCluster) -> Iterator[SchedulerProcess]:
    """Run a scheduler until the end; it is ready."""
    folder = cluster.folder / "scheduler"
    folder.mkdir()
    token = secrets.token_hex(32)
    identity = cluster.identity("scheduler", "scheduler")
    write_private(folder / "identity.json", json.dumps(identity.to_json()))
    write_private(folder / "token", token)
    with module("sitespan.scheduler", "--folder", str(folder), folder=folder) as process:
        deadline = time.monotonic() + 30
        while not (folder / "http.json").exists():
            assert process.poll() is None and time.monotonic() < deadline, (
                folder / "log"
            ).read_text()
            time.sleep(0.02)
        http = json.loads((folder / "http.json").read_text())
        yield SchedulerProcess(process, folder, token, http)
