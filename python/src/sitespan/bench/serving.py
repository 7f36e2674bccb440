"""Serving processes of a benchmark, from the side that starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sitespan.bench.usage import cpu_seconds
from sitespan.identity import ENVIRONMENT_VARIABLE


class Serving:
    """A process of ``sitespan.bench.server``; it is in our process group and dies with that.

    Attributes
    ----------
    pid : int
        Its process.
    """

    def __init__(self, identity: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sitespan.bench.server", *arguments],
            env={**os.environ, ENVIRONMENT_VARIABLE: str(identity), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._what = arguments[0]

    def address(self) -> str:
        """Wait until it serves, and return where; the whole benchmark has a time limit.

        Raises
        ------
        RuntimeError
            It has ended instead.
        """
        assert self._process.stdout is not None
        address = self._process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"The benchmark's {self._what} ended before it served.")
        return address


def cpu_of(processes: list[Serving]) -> float:
    """CPU seconds of some processes together."""
    return sum(cpu_seconds(process.pid) for process in processes)
