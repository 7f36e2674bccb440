"""Run the kernels' host: ``python -m sitespan.kernels --folder F --cwd DIR``."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import signal
import sys
from pathlib import Path

_NEEDED = {"ipykernel": "ipykernel", "jupyter_client": "ipykernel", "distributed": "distributed"}
_LONGEST_SOCKET_PATH = 107


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop; the exit code: 0, or 2 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.kernels", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="record.jsonl and host.sock")
    parser.add_argument("--cwd", type=Path, required=True, help="the notebook's folder")
    parser.add_argument("--socket", type=Path, help="instead of host.sock, where that is too long")
    given = parser.parse_args(arguments)
    folder: Path = given.folder.absolute()
    socket: Path = given.socket or folder / "host.sock"
    problem = _missing() or _unusable(folder, given.cwd, socket)
    if problem is None:
        return asyncio.run(_serve(folder, given.cwd.absolute(), socket))
    print(problem, file=sys.stderr, flush=True)
    return 2


def _missing() -> str | None:
    for module, package in _NEEDED.items():
        if importlib.util.find_spec(module) is None:
            return (
                f"The kernel's environment ({sys.executable}) has no {module}; install it there "
                f"({sys.executable} -m pip install {package}), or choose another environment."
            )
    return None


def _unusable(folder: Path, cwd: Path, socket: Path) -> str | None:
    if not cwd.is_dir():
        return f"The kernel cannot work in {cwd}: there is no such folder."
    if len(os.fsencode(socket)) > _LONGEST_SOCKET_PATH:
        return f"The path {socket} is too long for a socket (107 bytes); give a shorter --socket."
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        return f"The kernel's folder {folder} cannot be made: {error.strerror}."
    return None


async def _serve(folder: Path, cwd: Path, socket: Path) -> int:
    # Only now, for they need what `_missing` looks for.
    from .door import Door
    from .host import KernelHost
    from .kernel import KernelFailed
    from .record import Record, RecordTaken
    from .server import serve

    try:
        record = Record(folder / "record.jsonl")
        host = KernelHost(record, cwd, dict(os.environ))
        stopped = asyncio.Event()
        door = Door(lambda path: serve(host, path, stopped.set), folder, socket)
    except RecordTaken:
        print(f"Another kernel host works in {folder} already.", file=sys.stderr, flush=True)
        return 2
    except (KernelFailed, OSError, ValueError) as error:
        print(f"The kernel host cannot start: {error}", file=sys.stderr, flush=True)
        return 2
    loop = asyncio.get_running_loop()
    # It outlives the terminal or the keeper that started it.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    host.start()
    door.keep()
    await stopped.wait()
    await host.stop("it was asked to stop")
    door.close()
    record.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
