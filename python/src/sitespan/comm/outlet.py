"""The outgoing half of a wire: hands buffers to the transport piece by piece."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

Buffer = bytes | memoryview

PIECE_BYTES = 512 << 10


class Outlet:
    """Holds back what the far end does not read yet, by reference where it is large.

    Attributes
    ----------
    sent : int
        Pieces handed to the transport so far: grows while the far end reads.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.sent = 0
        self._transport = transport
        self._queue: deque[Buffer] = deque()
        self._paused = False
        self._closing = False
        self._after: Callable[[], bytes] | None = None
        transport.set_write_buffer_limits(high=PIECE_BYTES)

    @property
    def busy(self) -> bool:
        """Whether part of a message may still be on this side."""
        return bool(self._queue) or self._paused or self._transport.get_write_buffer_size() > 0

    def send(self, buffers: Sequence[Buffer]) -> None:
        """Queue one message; its buffers must not change until acknowledged."""
        if self._transport.is_closing():  # the loss will be told
            return
        if not self._queue and not self._paused and len(buffers) == 1:
            only = buffers[0]
            if len(only) <= PIECE_BYTES:
                self.sent += 1
                self._transport.write(only)
                return
        for buffer in buffers:
            self._put(buffer)
        self._pump()

    def send_again(self, messages: Iterable[Sequence[Buffer]]) -> None:
        """Queue what a lost connection may not have delivered; small messages go as one piece."""
        small: list[Buffer] = []
        size = 0
        for buffer in chain.from_iterable(messages):
            if small and size + len(buffer) > PIECE_BYTES:
                self._queue.append(b"".join(small))
                small, size = [], 0
            if len(buffer) > PIECE_BYTES:
                self._put(buffer)
            else:
                small.append(buffer)
                size += len(buffer)
        if small:
            self._queue.append(b"".join(small))
        self._pump()

    def send_between(self, make: Callable[[], bytes]) -> None:
        """Send what `make` gives, once: now or as soon as no message is half out."""
        self._after = make
        self._pump()

    def close(self) -> None:
        """Close the transport after what is queued."""
        self._closing = True
        self._pump()

    def clear(self) -> None:
        """Forget all: the connection is gone."""
        self._queue.clear()
        self._after = None

    def pause(self) -> None:
        """Hold pieces back from now on."""
        self._paused = True

    def resume(self) -> None:
        """Hand out pieces again."""
        self._paused = False
        self._pump()

    def _put(self, buffer: Buffer) -> None:
        if len(buffer) <= PIECE_BYTES:
            self._queue.append(buffer)
            return
        view = memoryview(buffer)
        self._queue.extend(view[at : at + PIECE_BYTES] for at in range(0, len(view), PIECE_BYTES))

    def _pump(self) -> None:
        transport = self._transport
        while self._queue and not self._paused and not transport.is_closing():
            self.sent += 1
            transport.write(self._queue.popleft())
        if self._queue:
            return
        make, self._after = self._after, None
        if make is not None and not transport.is_closing():
            transport.write(make())
        if self._closing:
            transport.close()
