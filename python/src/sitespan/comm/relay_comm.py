"""A Dask comm over the relay that outlives its connections: a lost one is a pause."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, Protocol

from distributed.comm.core import Comm, CommClosedError
from distributed.comm.tcp import TCP
from distributed.comm.utils import from_frames, to_frames

from sitespan.comm.background import Background
from sitespan.comm.dial import is_untrusted
from sitespan.comm.kept import Kept
from sitespan.comm.message import pack
from sitespan.comm.wire import Wire
from sitespan.identity import Owner

logger = logging.getLogger("distributed.comm.relay")

WINDOW_BYTES = 16 << 20
"""Sent and not acknowledged: past it ``write`` waits."""
INBOX_BYTES = 8 << 20
"""Received and not read: past it the connection is not read."""
_ACKNOWLEDGE_BYTES = 64 << 10
_ACKNOWLEDGE_MESSAGES = 64
_LINGER_SECONDS = 10.0
_FLUSH_SECONDS = 5.0


class Resumption(Protocol):
    """What the dialling end does about a lost connection."""

    async def again(self, comm: RelayComm) -> tuple[Wire, int]:
        """Return a new wire, and how many of our messages the far end has.

        Raises
        ------
        OSError
            The session is over; the text says why.
        """

    async def close(self) -> None:
        """Tell the listener, over a connection of its own, that the session is over."""


class RelayComm(Comm):  # type: ignore[misc]
    """Messages to one peer, each exactly once and in order, over one connection after another.

    Both ends count messages; what is not acknowledged is kept and sent again after a loss
    (docs/relay.md, "Inside the stream"). Buffers above 128 KiB are kept by reference: they
    must not change until acknowledged.

    Parameters
    ----------
    peer
        Role and subject of the peer's certificate, already checked.
    resumption
        At the dialling end of a session that is resumed.
    on_detached, on_ended
        At the listening end: a connection was lost; the session is over.

    Attributes
    ----------
    received : int
        Messages received so far.
    resumed : int
        How often a new connection took over.
    detached_since : float or None
        When the connection was lost (``time.monotonic``); None while there is one.
    last_used : float
        When something was last read or written (``time.monotonic``).
    """

    max_shard_size = TCP.max_shard_size

    def __init__(
        self,
        wire: Wire,
        local: str,
        remote: str,
        peer: Owner,
        *,
        deserialize: bool = True,
        resumption: Resumption | None = None,
        on_detached: Callable[[RelayComm], None] | None = None,
        on_ended: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(deserialize=deserialize)
        self.received = self.resumed = 0
        self.detached_since: float | None = None
        self.last_used = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._local_addr, self._peer_addr = local, remote
        self._resumption, self._on_detached, self._on_ended = resumption, on_detached, on_ended
        self._background = Background()
        self._inbox: deque[tuple[list[memoryview], int]] = deque()
        self._inbox_bytes = self._unsaid_bytes = self._said = 0
        self._kept = Kept()
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._over = self._loop.create_future()
        self._closed = self._aborted = False
        self._why = "the comm is closed"
        transport = wire.transport
        self._extra = {
            "peercert": transport.get_extra_info("peercert"),
            "cipher": transport.get_extra_info("cipher"),
            "role": peer.role,
            "subject": peer.subject,
        }
        self._wire: Wire | None = wire
        wire.start(self, True)

    @property
    def local_address(self) -> str:
        """Our end, ``relay://<subject>:<number>``."""
        return self._local_addr

    @property
    def peer_address(self) -> str:
        """The far end; its host is the subject of its certificate."""
        return self._peer_addr

    @property
    def extra_info(self) -> dict[str, Any]:
        """``peercert``, ``cipher``, and the certificate's ``role`` and ``subject``."""
        return self._extra

    @property
    def ended(self) -> bool:
        """Whether the session is over; what had come may still be read."""
        return self._over.done()

    @property
    def never_answered(self) -> bool:
        """Whether the far end may not know of the session: it sent and acknowledged nothing."""
        return self.received == 0 and self._kept.base == 0 and self._kept.end <= 1

    # -- distributed's interface

    async def read(self, deserializers: Any = None) -> Any:
        """Return the next message; a cancelled read aborts, as in distributed's own comms."""
        while self._closed or not self._inbox:
            if self._closed or self.ended:
                self._refuse()
            self._reader = self._loop.create_future()
            try:
                await self._reader
            except BaseException:
                self.abort()
                raise
            finally:
                self._reader = None
        frames, size = self._inbox.popleft()
        was_full = self._inbox_bytes > INBOX_BYTES
        self._inbox_bytes -= size
        if was_full and self._inbox_bytes <= INBOX_BYTES and self._wire is not None:
            self._wire.resume_reading()
        self.last_used = time.monotonic()
        try:
            return await from_frames(
                frames,
                deserialize=self.deserialize,
                deserializers=deserializers,
                allow_offload=self.allow_offload,
            )
        except EOFError:
            self.abort()
            raise CommClosedError("aborted stream on truncated data") from None

    async def write(self, msg: Any, serializers: Any = None, on_error: str = "message") -> int:
        """Send a message; waits while more than the window is unacknowledged."""
        self._check_writable()
        frames = await to_frames(
            msg,
            allow_offload=self.allow_offload,
            serializers=serializers,
            on_error=on_error,
            context={
                "sender": self.local_info,
                "recipient": self.remote_info,
                **self.handshake_options,
            },
            frame_split_size=self.max_shard_size,
        )
        while self._kept.size >= WINDOW_BYTES and not (self._closed or self.ended):
            self._writer = self._loop.create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        self._check_writable()
        self.last_used = time.monotonic()
        buffers, size = pack(frames, self.received)
        self._said, self._unsaid_bytes = self.received, 0
        self._kept.add(buffers, size)
        if self._wire is not None:
            self._wire.send(buffers)
        return size

    async def close(self) -> None:
        """Say goodbye after what was written, and wait until that is on its way.

        What is not acknowledged goes on being delivered in the background, over a new
        connection if need be, as long as the far end takes it.
        """
        if self._shut():
            wire = self._say_goodbye()
            deadline = time.monotonic() + _FLUSH_SECONDS
            while wire is not None and wire.busy and not self.ended and not wire.lost:
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.005)

    def abort(self) -> None:
        """End the session now; the far end is told even when a message is half sent."""
        if not self._shut():
            return
        self._aborted = True
        if self._wire is not None and not self._wire.busy:
            self._say_goodbye()
            return
        self._tell_of_abort()
        self._end("the comm was aborted")

    def closed(self) -> bool:
        """Whether nothing can be read or written any more."""
        return self._closed or (self.ended and not self._inbox)

    # -- the wire's side

    def on_message(self, frames: list[memoryview], size: int) -> bool:
        """Put a message into the inbox, and acknowledge if nothing else will."""
        self.received += 1
        self._unsaid_bytes += size
        if (
            self._unsaid_bytes >= _ACKNOWLEDGE_BYTES
            or self.received - self._said >= _ACKNOWLEDGE_MESSAGES
        ) and self._wire is not None:
            self._said, self._unsaid_bytes = self.received, 0
            self._wire.acknowledge()
        if self._closed:
            return True
        self._inbox.append((frames, size))
        self._inbox_bytes += size
        _wake(self._reader)
        return self._inbox_bytes <= INBOX_BYTES

    def on_acknowledged(self, count: int) -> None:
        """Let go of what has arrived."""
        if self._kept:
            self._kept.acknowledged(count)
            if self._kept.size < WINDOW_BYTES:
                _wake(self._writer)

    def on_goodbye(self, wire: Wire) -> None:
        """Answer a goodbye with one, so that the far end knows that all has arrived."""
        if not self._closed:
            wire.say_goodbye(self.received)
        self._wire = None
        wire.close()
        self._end(f"{self._peer_addr} has closed the comm")

    def on_broken(self, wire: Wire, reason: str) -> None:
        """Give up: sending it again would not mend it."""
        self._tell_of_abort()
        self._end(f"from {self._peer_addr}: {reason}")

    def on_lost(self, wire: Wire, error: Exception | None) -> None:
        """Wait for the next connection, or make it."""
        if wire is not self._wire:
            return
        self._wire = None
        self.detached_since = time.monotonic()
        if self._aborted:
            self._tell_of_abort()
            self._end("the comm was aborted")
        elif error is not None and is_untrusted(error):
            self._end(f"{self._peer_addr} does not accept our certificate: {error}")
        elif self._resumption is not None:
            self._background.start(self._resume(self._resumption.again))
        elif self._on_detached is not None:
            self._on_detached(self)
        else:
            self._end(f"the connection with {self._peer_addr} was lost")

    # -- resuming

    def detach(self) -> None:
        """Leave a connection that has not been seen to die: its peer has come with another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.drop()

    def attach(self, wire: Wire, count: int) -> None:
        """Go on over `wire`: the far end has our first `count` messages."""
        if not self._kept.base <= count <= self._kept.end:
            wire.drop()
            self._end(f"{self._peer_addr} counts {count} messages of {self._kept.end}")
            return
        self.detach()
        self.on_acknowledged(count)
        self._wire, self.detached_since = wire, None
        self.resumed += 1
        self._said, self._unsaid_bytes = self.received, 0
        wire.send_again(self._kept)
        if self._closed:
            wire.say_goodbye(self.received)
        wire.start(self, self._inbox_bytes <= INBOX_BYTES)

    def give_up(self, why: str) -> None:
        """End a session whose connection did not come back."""
        logger.info("Comm with %s given up: %s", self._peer_addr, why)
        self._end(why)

    async def _resume(self, again: Callable[[RelayComm], Awaitable[tuple[Wire, int]]]) -> None:
        try:
            wire, count = await again(self)
        except OSError as error:
            self.give_up(f"lost the connection with {self._peer_addr}: {error}")
            return
        if self.ended:
            wire.drop()
        else:
            self.attach(wire, count)

    # -- ending

    def _shut(self) -> bool:
        """Close to our own reader and writer; returns whether the far end is still to be told."""
        if self._closed:
            return False
        self._closed = True
        self._inbox.clear()
        self._inbox_bytes = 0
        _wake(self._reader)
        _wake(self._writer)
        return not self.ended and not self._loop.is_closed()

    def _say_goodbye(self) -> Wire | None:
        wire = self._wire
        if wire is not None:
            wire.say_goodbye(self.received)
            wire.resume_reading()
        self._loop.call_later(_LINGER_SECONDS, self._linger, self._progress())
        return wire

    def _progress(self) -> tuple[int, int, int]:
        return self._kept.base, self.resumed, -1 if self._wire is None else self._wire.sent

    def _linger(self, before: tuple[int, int, int]) -> None:
        """Give the goodbye time as long as it gets on."""
        if self.ended:
            return
        now = self._progress()
        if now == before:
            self._tell_of_abort()
            self._end(f"{self._peer_addr} did not answer the goodbye")
        else:
            self._loop.call_later(_LINGER_SECONDS, self._linger, now)

    def _tell_of_abort(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None and not wire.lost:
            wire.drop()
        if self._resumption is not None:
            self._background.start(self._resumption.close())

    def _end(self, why: str) -> None:
        if self.ended:
            return
        self._why = why
        self._over.set_result(None)
        if self._wire is not None:
            self._wire.drop()
            self._wire = None
        self._kept.clear()
        _wake(self._reader)
        _wake(self._writer)
        if self._on_ended is not None:
            self._on_ended()

    def _check_writable(self) -> None:
        if self._closed or self.ended:
            self._refuse()

    def _refuse(self) -> NoReturn:
        self._closed = True
        raise CommClosedError(f"in {self}: {self._why}")


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
