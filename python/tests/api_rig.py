"""A home for tests of ``sitespan.Cluster``, and what is done to clusters from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import rig
from sitespan.errors import SitespanError
from sitespan.keeper import Keeper
from sitespan.program import command

#: Long enough for a machine that is busy with something else.
PATIENCE = 60.0
PROGRAM = rig.PROJECT / "dist" / "cli.mjs"


@contextmanager
def own_home() -> Iterator[Path]:
    """State and runtime folders that no user has; every cluster in them is ended at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sitespan-"))  # short: sockets lie in it
    (folder / "run").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        patch.setenv("SITESPAN_PROGRAM", str(PROGRAM))
        try:
            yield folder
        finally:
            for settings in folder.glob("state/sitespan/*/*/cluster.json"):
                end(settings.parent.name)
            shutil.rmtree(folder, ignore_errors=True)


def end(name: str) -> None:
    """End a cluster if it is open."""
    try:
        Keeper.ensure(name, {"create": False}).shut_down()
    except SitespanError as error:
        if error.code != "cluster-unknown":
            raise


def open_clusters() -> list[str]:
    """Return the names of the clusters that the terminal lists."""
    listed = subprocess.run(
        command("list", "--json"), capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return [cluster["name"] for cluster in json.loads(listed.stdout)]


def wait_until(is_so: Callable[[], Any], what: str) -> None:
    """Wait for a condition."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def python(code: str, **variables: str) -> str:
    """Run code in a process of its own, which knows ``relay://``; what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", f"import rig; rig.register_backend()\n{code}"],
        env={**os.environ, **rig.environment(), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE * 1.5,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
