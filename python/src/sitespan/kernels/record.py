"""The append-only record of a kernel: every message, one JSON object a line."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

#: Beyond this many bytes output is left out of the record; what happened to the cells never is.
LIMIT_BYTES = 1 << 30


class RecordTaken(Exception):
    """Another host writes this record already."""


class Record:
    """What a kernel said and what its host did, in order, for any number of readers.

    A reader keeps its own offset (bytes) and asks for what lies beyond it; so it can be
    away for hours, or be one of many, and the host need not know of it.

    Parameters
    ----------
    path
        The file, made with mode 0600. One that exists is continued: a torn last line
        (a host that was killed) is cut off first.
    limit
        Bytes after which output is left out.

    Raises
    ------
    RecordTaken
        While another process has the same record open for writing.
    """

    def __init__(self, path: Path, limit: int = LIMIT_BYTES) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise RecordTaken(str(path)) from None
        self._limit = limit
        self._limited = False
        self._lost = 0
        self._offset = _cut_torn_line(self._file)
        self._grown = asyncio.Event()
        self._readers = 0
        self._last_look: float | None = None

    @property
    def looked(self) -> float | None:
        """When somebody last waited for its next line (Unix seconds): now, while one does."""
        return time.time() if self._readers > 0 else self._last_look

    @property
    def offset(self) -> int:
        """Bytes in the record: where the next line begins."""
        return self._offset

    def message(
        self,
        cell: str | None,
        kind: str,
        content: dict[str, Any],
        metadata: dict[str, Any],
        buffers: list[str] | None = None,
    ) -> None:
        """Append one of Jupyter's messages; `buffers` are its binary parts in base64."""
        if self._offset > self._limit:
            if not self._limited:
                self._limited = True
                size = f"{self._limit >> 20} MiB"
                self.host("note", message=f"The record is over {size}: output is left out of it.")
            return
        line: dict[str, Any] = {"t": time.time(), "cell": cell, "type": kind}
        line.update(content=content, metadata=metadata)
        if buffers:
            line["buffers"] = buffers
        self._append(line)

    def host(self, event: str, cell: str | None = None, **details: Any) -> None:
        """Append what the host itself did or noticed."""
        self._append({"t": time.time(), "cell": cell, "type": "host", "event": event, **details})

    def read(self, offset: int, limit: int = 4 << 20) -> bytes:
        """Return whole lines from `offset` on: about `limit` bytes, or one line if it is longer."""
        size = limit
        while True:
            part = os.pread(self._file, min(size, max(0, self._offset - offset)), offset)
            end = part.rfind(b"\n") + 1
            if end > 0 or len(part) < size:
                return part[:end]
            size *= 4

    async def wait_beyond(self, offset: int, timeout: float) -> None:
        """Wait until the record is longer than `offset`, for `timeout` seconds at most."""
        deadline = time.monotonic() + timeout
        self._readers += 1
        try:
            while self._offset <= offset:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return
                try:
                    await asyncio.wait_for(self._grown.wait(), remaining)
                except asyncio.TimeoutError:
                    return
        finally:
            self._readers -= 1
            self._last_look = time.time()

    def close(self) -> None:
        """Let go of the file; its readers wake."""
        self._wake()
        os.close(self._file)

    def _append(self, line: dict[str, Any]) -> None:
        if self._lost and line.get("event") != "note":
            lost, self._lost = self._lost, 0
            self.host(
                "note", message=f"The disk was full: {lost} lines of the record are missing here."
            )
            if self._lost:
                self._lost += lost
                return
        data = json.dumps(line, separators=(",", ":"), default=str).encode() + b"\n"
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            # A full disk must not end the analysis: the line is lost, and never half of it kept.
            os.ftruncate(self._file, self._offset)
            self._lost += 1
            return
        self._offset += len(data)
        self._wake()

    def _wake(self) -> None:
        # A fresh event for those who come later; whoever waits now holds the old one.
        self._grown.set()
        self._grown = asyncio.Event()


def _cut_torn_line(file: int) -> int:
    size = os.fstat(file).st_size
    end = size
    while end > 0:
        start = max(0, end - (1 << 20))
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end
