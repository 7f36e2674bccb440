"""Where the host's callers come in: moved when the computer removes the socket's folder."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from tornado.httpserver import HTTPServer

_LOOK_SECONDS = 2.0


class Door:
    """The host's socket, made again where it has gone.

    A login node may remove the runtime folder when its user logs out; the kernel stays and
    must stay reachable. The keeper writes a new place into the file ``socket`` of the
    kernel's folder (docs/shared-homes.md).

    Parameters
    ----------
    open_at
        Begins to serve at a path.
    folder
        The kernel's folder.
    socket
        Where to begin.
    """

    def __init__(self, open_at: Callable[[Path], HTTPServer], folder: Path, socket: Path) -> None:
        self._open_at = open_at
        self._note = folder / "socket"
        self._socket = socket
        self._server = open_at(socket)
        self._task: asyncio.Task[None] | None = None

    def keep(self) -> None:
        """Look after it from now on."""
        self._task = asyncio.create_task(self._keep())

    def close(self) -> None:
        """Let nobody in any more, and leave nothing behind."""
        if self._task is not None:
            self._task.cancel()
        self._server.stop()
        with contextlib.suppress(FileNotFoundError):
            self._socket.unlink()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            wanted = self._noted() or self._socket
            if wanted == self._socket and wanted.exists():
                continue
            # It may be long until there is a folder again.
            with contextlib.suppress(OSError, ValueError):
                fresh = self._open_at(wanted)
                self._server.stop()
                self._server, self._socket = fresh, wanted

    def _noted(self) -> Path | None:
        try:
            noted = Path(self._note.read_text("utf-8").strip())
        except (OSError, ValueError):
            return None
        return noted if noted.is_absolute() else None
