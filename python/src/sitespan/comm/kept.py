"""Messages that were sent and are not yet known to have arrived."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

Buffers = list[bytes | memoryview]


class Kept:
    """The window of one direction: messages by number, in order, with their size.

    Attributes
    ----------
    base : int
        Number of messages acknowledged, which is the number of the first one kept.
    size : int
        Bytes kept.
    """

    def __init__(self) -> None:
        self._messages: deque[tuple[Buffers, int]] = deque()
        self.base = 0
        self.size = 0

    def __bool__(self) -> bool:
        return bool(self._messages)

    def __iter__(self) -> Iterator[Buffers]:
        return iter([buffers for buffers, _ in self._messages])

    @property
    def end(self) -> int:
        """Number of messages ever sent."""
        return self.base + len(self._messages)

    def add(self, buffers: Buffers, size: int) -> None:
        """Keep a message of `size` bytes."""
        self._messages.append((buffers, size))
        self.size += size

    def acknowledged(self, count: int) -> None:
        """Forget the first `count` of all messages; an old count is harmless."""
        while self._messages and self.base < count:
            self.size -= self._messages.popleft()[1]
            self.base += 1

    def restart(self) -> None:
        """Count what is kept from 0: nothing of it was ever received."""
        self.base = 0

    def clear(self) -> None:
        """Forget all: the session is over."""
        self.base = self.end
        self._messages.clear()
        self.size = 0
