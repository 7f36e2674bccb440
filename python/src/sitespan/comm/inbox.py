"""Messages that have come and were not read yet, and what of them is acknowledged."""

from __future__ import annotations

from collections import deque

INBOX_BYTES = 8 << 20
"""Received and not read: past it the connection is not read."""
_ACKNOWLEDGE_BYTES = 64 << 10
_ACKNOWLEDGE_MESSAGES = 64

Frames = list[memoryview]


class Inbox:
    """The incoming direction of a session.

    Attributes
    ----------
    received : int
        Messages received so far.
    """

    def __init__(self) -> None:
        self.received = 0
        self._messages: deque[tuple[Frames, int]] = deque()
        self._bytes = self._unsaid_bytes = self._said = 0

    def __bool__(self) -> bool:
        return bool(self._messages)

    @property
    def full(self) -> bool:
        """Whether nothing more should come until something was read."""
        return self._bytes > INBOX_BYTES

    @property
    def owes(self) -> bool:
        """Whether so much came unanswered that it must be acknowledged by itself."""
        return (
            self._unsaid_bytes >= _ACKNOWLEDGE_BYTES
            or self.received - self._said >= _ACKNOWLEDGE_MESSAGES
        )

    def put(self, frames: Frames, size: int) -> None:
        """Take a message in."""
        self._messages.append((frames, size))
        self._bytes += size
        self.count(size)

    def count(self, size: int) -> None:
        """Count a message that nobody will read."""
        self.received += 1
        self._unsaid_bytes += size

    def take(self) -> Frames:
        """Hand out the oldest message."""
        frames, size = self._messages.popleft()
        self._bytes -= size
        return frames

    def say(self) -> int:
        """Return the count to tell the far end, which thereby knows it."""
        self._said, self._unsaid_bytes = self.received, 0
        return self.received

    def clear(self) -> None:
        """Forget what was not read."""
        self._messages.clear()
        self._bytes = 0
