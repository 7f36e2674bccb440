"""One connection of a session: cuts messages out of its bytes."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Protocol

from distributed.protocol.utils import host_array, unpack_frames

from sitespan.comm.hello import HELLO_BYTES, Hello
from sitespan.comm.message import ACKNOWLEDGEMENT, GOODBYE, HEAD
from sitespan.comm.outlet import Outlet

_SCRATCH_BYTES = 320 << 10  # over asyncio's largest read, by what a cut head may leave
_MAX_FIRST_BYTES = 1 << 48


class Reader(Protocol):
    """Whom a wire tells what it reads: a session."""

    def say(self) -> int:
        """Return how many messages were received, to be told to the far end."""

    def on_message(self, frames: list[memoryview], size: int) -> bool:
        """Take a message; answer whether more is wanted now."""

    def on_acknowledged(self, count: int) -> None:
        """Learn that our first `count` messages have arrived."""

    def on_goodbye(self, wire: Wire) -> None:
        """Take the far end's goodbye, or its answer to ours."""

    def on_broken(self, wire: Wire, reason: str) -> None:
        """End the session: what came cannot be a message."""

    def on_lost(self, wire: Wire, error: Exception | None) -> None:
        """Learn that the connection is gone."""


class Wire(asyncio.BufferedProtocol):
    """A connection whose TLS is established, before and while it serves a session.

    All wires of a thread read into one scratch buffer: an event loop fills and parses it in one
    go. What is larger than the scratch is received straight into the array that Dask will keep.
    Nothing is read while there is nobody to give messages to.

    Attributes
    ----------
    hello : Future[Hello] or None
        What the far end said first, where we expect a hello.
    transport : asyncio.Transport
        Set by the loop before anything else happens.
    outlet : Outlet
        Where messages to the far end go.
    """

    transport: asyncio.Transport
    outlet: Outlet

    def __init__(self, expects_hello: bool) -> None:
        loop = asyncio.get_running_loop()
        self.hello: asyncio.Future[Hello] | None = loop.create_future() if expects_hello else None
        self.lost = False
        self._session: Reader | None = None
        self._scratch = _scratch_of_thread()
        self._rest = b""
        self._fill: memoryview | None = None
        self._filled = 0
        self._frames: list[memoryview] = []
        self._sizes: deque[int] | None = None
        self._size = 0

    # -- the loop's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.outlet = Outlet(transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes belong."""
        if self._fill is not None:
            return self._fill[self._filled :]
        kept = len(self._rest)
        self._scratch[:kept] = self._rest
        return self._scratch[kept:]

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes that were read."""
        if self._fill is not None:
            self._filled += nbytes
            if self._filled == len(self._fill):
                self._part_complete()
            return
        view = self._scratch[: len(self._rest) + nbytes]
        self._rest = b""
        self._rest = bytes(view[self._parse(view) :])

    def eof_received(self) -> bool:
        """Close: there is no half-closed session."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.lost = True
        self.outlet.clear()
        self._fill = None
        self._frames = []
        if self.hello is not None and not self.hello.done():
            self.hello.set_exception(exc or ConnectionResetError("The stream was closed."))
            self.hello.exception()  # seen: whoever waits for it may have given up
        session, self._session = self._session, None
        if session is not None:
            session.on_lost(self, exc)

    def pause_writing(self) -> None:
        """Hold back: the far end reads too slowly."""
        self.outlet.pause()

    def resume_writing(self) -> None:
        """Send on."""
        self.outlet.resume()

    # -- reading

    def start(self, session: Reader, wanted: bool) -> None:
        """Give messages to `session` from now on, first those that came along with the hello."""
        self._session = session
        if self._rest:
            rest = memoryview(self._rest)
            self._rest = b""
            self._rest = bytes(rest[self._parse(rest) :])
        if wanted:
            self.resume_reading()

    def resume_reading(self) -> None:
        """Read again, if there is a session and a connection."""
        if not self.lost and self._session is not None:
            self.transport.resume_reading()

    def drop(self) -> None:
        """End the connection at once and tell nobody: it serves no session any more."""
        self._session = None
        self.transport.abort()

    def _parse(self, view: memoryview) -> int:
        """Use what can be used of `view`; returns how much that was."""
        at = 0
        while True:
            if self._fill is not None:
                taken = min(len(self._fill) - self._filled, len(view) - at)
                self._fill[self._filled : self._filled + taken] = view[at : at + taken]
                self._filled += taken
                at += taken
                if self._filled < len(self._fill):
                    return at
                self._part_complete()
                continue
            if self.hello is not None and not self.hello.done():
                if len(view) - at < HELLO_BYTES:
                    return at
                self.hello.set_result(Hello.unpack(view[at:]))
                at += HELLO_BYTES
            if self._session is None:
                self.transport.pause_reading()
                return at
            if len(view) - at < HEAD.size:
                return at
            length, acknowledged = HEAD.unpack_from(view, at)
            at += HEAD.size
            self._session.on_acknowledged(acknowledged)
            if length == ACKNOWLEDGEMENT:
                continue
            if length == GOODBYE:
                self._session.on_goodbye(self)
                return len(view)
            if not self._begin(length):
                return len(view)

    def _begin(self, length: int) -> bool:
        try:
            if length > _MAX_FIRST_BYTES:
                raise MemoryError
            self._fill, self._filled, self._size = host_array(length), 0, length
        except MemoryError:
            self._break(f"a message of {length} bytes does not fit into memory")
            return False
        return True

    def _part_complete(self) -> None:
        part, self._fill = self._fill, None
        assert part is not None
        try:
            if self._sizes is None:
                self._frames, sizes = unpack_frames(part, partial=True)
                self._sizes = deque(sizes)
            else:
                self._frames.append(part)
            while self._sizes:
                size = self._sizes.popleft()
                self._size += size
                buffer = host_array(size)
                if size:
                    self._fill, self._filled = buffer, 0
                    return
                self._frames.append(buffer)
        except MemoryError:
            return self._break(f"a message of {self._size} bytes or more does not fit into memory")
        except Exception as error:  # unpack_frames names none: asserts, struct.error, slices
            return self._break(f"what came is not a message ({error!r})")
        frames, self._frames, self._sizes = self._frames, [], None
        if self._session is not None and not self._session.on_message(frames, self._size):
            self.transport.pause_reading()

    def _break(self, reason: str) -> None:
        if self._session is not None:
            self._session.on_broken(self, reason)

    # -- writing

    def acknowledge(self) -> None:
        """Say how much was received, now or as soon as the message in hand is out."""
        self.outlet.send_between(self._acknowledgement)

    def _acknowledgement(self) -> bytes:
        return b"" if self._session is None else HEAD.pack(ACKNOWLEDGEMENT, self._session.say())

    def say_hello(self, hello: Hello) -> None:
        """Send a hello: before anything else."""
        self.transport.write(hello.pack())

    def say_goodbye(self, received: int) -> None:
        """Queue the goodbye after all else."""
        self.outlet.send([HEAD.pack(GOODBYE, received)])

    def close(self) -> None:
        """End the connection after what is queued, and tell nobody."""
        self._session = None
        self.outlet.close()


class _Thread(threading.local):
    scratch: memoryview | None = None


_thread = _Thread()


def _scratch_of_thread() -> memoryview:
    if _thread.scratch is None:
        _thread.scratch = memoryview(bytearray(_SCRATCH_BYTES))
    return _thread.scratch
