"""One session: messages each way, exactly once and in order, over one connection after another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from sitespan.comm.background import Background
from sitespan.comm.dial import is_untrusted
from sitespan.comm.inbox import Frames, Inbox
from sitespan.comm.kept import Kept
from sitespan.comm.message import pack
from sitespan.comm.wire import Wire

logger = logging.getLogger("distributed.comm.relay")

WINDOW_BYTES = 16 << 20
"""Sent and not acknowledged: past it sending waits."""
_LINGER_SECONDS = 30.0
_FLUSH_SECONDS = 5.0


class SessionOver(ConnectionError):
    """Nothing can be sent or received any more; the text says why."""


class Resumption(Protocol):
    """What the dialling end does about a lost connection."""

    async def again(self, session: Session) -> tuple[Wire, int]:
        """Return a new wire, and how many of our messages the far end has.

        Raises
        ------
        OSError
            The session is over; the text says why.
        """

    async def close(self) -> None:
        """Tell the listener, over a connection of its own, that the session is over."""


class Session:
    """Both ends count messages; what is not acknowledged is kept, and sent again after a loss.

    Protocol: docs/relay.md, "Inside the stream". Buffers above 128 KiB are kept by reference:
    they must not change until acknowledged.

    Parameters
    ----------
    far
        The far end's address, for messages.
    resumption
        At the dialling end of a session that is resumed.
    on_detached, on_ended
        At the listening end: a connection was lost; the session is over.

    Attributes
    ----------
    resumed : int
        How often a new connection took over.
    detached_since : float or None
        When the connection was lost (``time.monotonic``); None while there is one.
    shut : bool
        Whether our own side has closed or aborted it.
    """

    def __init__(
        self,
        wire: Wire,
        far: str,
        *,
        resumption: Resumption | None = None,
        on_detached: Callable[[Session], None] | None = None,
        on_ended: Callable[[], None] | None = None,
    ) -> None:
        self.far = far
        self.resumed = 0
        self.detached_since: float | None = None
        self.shut = False
        self._loop = asyncio.get_running_loop()
        self._resumption, self._on_detached, self._on_ended = resumption, on_detached, on_ended
        self._background = Background()
        self._inbox = Inbox()
        self._kept = Kept()
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._over = self._loop.create_future()
        self._aborted = False
        self._why = "it was closed"
        self._wire: Wire | None = wire
        wire.start(self, True)

    @property
    def received(self) -> int:
        """Messages received so far."""
        return self._inbox.received

    @property
    def ended(self) -> bool:
        """Whether the session is over; what had come may still be taken."""
        return self._over.done()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent or taken any more."""
        return self.shut or (self.ended and not self._inbox)

    @property
    def never_answered(self) -> bool:
        """Whether the far end may not know of the session: it sent and acknowledged nothing."""
        return self._inbox.received == 0 and self._kept.base == 0 and self._kept.end <= 1

    # -- our side

    async def take(self) -> Frames:
        """Return the next message; raises `SessionOver`."""
        while self.shut or not self._inbox:
            self._check(self.ended)
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        was_full = self._inbox.full
        frames = self._inbox.take()
        if was_full and not self._inbox.full and self._wire is not None:
            self._wire.resume_reading()
        return frames

    async def send(self, frames: list[bytes | memoryview]) -> int:
        """Send a message, once there is room for it, and return its size; raises `SessionOver`."""
        while self._kept.size >= WINDOW_BYTES and not (self.shut or self.ended):
            self._writer = self._loop.create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        self.check_open()
        buffers, size = pack(frames, self._inbox.say())
        self._kept.add(buffers, size)
        if self._wire is not None:
            self._wire.outlet.send(buffers)
        return size

    def check_open(self) -> None:
        """Raise `SessionOver` if nothing can be sent any more."""
        self._check(self.ended)

    def _check(self, over: bool) -> None:
        if self.shut or over:
            self.shut = True
            raise SessionOver(self._why)

    async def close(self) -> None:
        """Say goodbye after what was sent, and wait until that is on its way.

        What is not acknowledged goes on being delivered in the background, over a new
        connection if need be, as long as the far end takes it.
        """
        if self._shut():
            wire = self._say_goodbye()
            deadline = time.monotonic() + _FLUSH_SECONDS
            while wire is not None and wire.outlet.busy and not self.ended and not wire.lost:
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.005)

    def abort(self) -> None:
        """End the session now; the far end is told even when a message is half sent."""
        if not self._shut():
            return
        self._aborted = True
        if self._wire is not None and not self._wire.outlet.busy:
            self._say_goodbye()
            return
        self._tell_of_abort()
        self._end("it was aborted")

    # -- the wire's side

    def say(self) -> int:
        """Return how many messages were received, to be told to the far end."""
        return self._inbox.say()

    def on_message(self, frames: list[memoryview], size: int) -> bool:
        """Put a message into the inbox, and acknowledge if nothing else will."""
        if self.shut:
            self._inbox.count(size)
        else:
            self._inbox.put(frames, size)
            _wake(self._reader)
        if self._inbox.owes and self._wire is not None:
            self._wire.acknowledge()
        return not self._inbox.full

    def on_acknowledged(self, count: int) -> None:
        """Let go of what has arrived."""
        if self._kept:
            self._kept.acknowledged(count)
            if self._kept.size < WINDOW_BYTES:
                _wake(self._writer)

    def on_goodbye(self, wire: Wire) -> None:
        """Answer a goodbye with one, so that the far end knows that all has arrived."""
        if not self.shut:
            wire.say_goodbye(self._inbox.say())
        self._wire = None
        wire.close()
        self._end(f"{self.far} has closed it")

    def on_broken(self, wire: Wire, reason: str) -> None:
        """Give up: sending it again would not mend it."""
        self._tell_of_abort()
        self._end(f"from {self.far}: {reason}")

    def on_lost(self, wire: Wire, error: Exception | None) -> None:
        """Wait for the next connection, or make it."""
        if wire is not self._wire:
            return
        self._wire = None
        self.detached_since = time.monotonic()
        if self._aborted:
            self._tell_of_abort()
            self._end("it was aborted")
        elif error is not None and is_untrusted(error):
            self._end(f"{self.far} does not accept our certificate: {error}")
        elif self._resumption is not None:
            self._background.start(self._resume(self._resumption))
        elif self._on_detached is not None:
            self._on_detached(self)
        else:
            self._end(f"the connection with {self.far} was lost")

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
            self._end(f"{self.far} counts {count} messages of {self._kept.end}")
            return
        self.detach()
        self.on_acknowledged(count)
        self._wire, self.detached_since = wire, None
        self.resumed += 1
        self._inbox.say()
        wire.outlet.send_again(self._kept)
        if self.shut:
            wire.say_goodbye(self._inbox.say())
        wire.start(self, not self._inbox.full)

    def give_up(self, why: str) -> None:
        """End a session whose connection did not come back."""
        logger.info("Session with %s given up: %s", self.far, why)
        self._end(why)

    async def _resume(self, resumption: Resumption) -> None:
        try:
            wire, count = await resumption.again(self)
        except OSError as error:
            self.give_up(f"lost the connection with {self.far}: {error}")
            return
        if self.ended:
            wire.drop()
        else:
            self.attach(wire, count)

    # -- ending

    def _shut(self) -> bool:
        """Close to our own reader and writer; returns whether the far end is still to be told."""
        if self.shut:
            return False
        self.shut = True
        self._inbox.clear()
        _wake(self._reader)
        _wake(self._writer)
        return not self.ended and not self._loop.is_closed()

    def _say_goodbye(self) -> Wire | None:
        wire = self._wire
        if wire is not None:
            wire.say_goodbye(self._inbox.say())
            wire.resume_reading()
        self._loop.call_later(_LINGER_SECONDS, self._linger, self._progress())
        return wire

    def _progress(self) -> tuple[int, int, int]:
        return self._kept.base, self.resumed, -1 if self._wire is None else self._wire.outlet.sent

    def _linger(self, before: tuple[int, int, int]) -> None:
        """Give the goodbye time as long as it gets on."""
        if self.ended:
            return
        now = self._progress()
        if now == before:
            self._tell_of_abort()
            self._end(f"{self.far} did not answer the goodbye")
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


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
