"""The hello that opens every connection of a session, inside its TLS (docs/relay.md)."""

from __future__ import annotations

import enum
import secrets
import struct
from typing import NamedTuple

_HELLO = struct.Struct("<Q16sQ")
HELLO_BYTES = _HELLO.size


class Kind(enum.IntEnum):
    """What a hello says."""

    NEW = 1
    AGAIN = 2
    OK = 3
    GONE = 4
    ONCE = 5
    CLOSE = 6


class Hello(NamedTuple):
    """Kind, session id (16 bytes), and how many messages its sender has received."""

    kind: int
    session: bytes
    received: int

    def pack(self) -> bytes:
        """Return its 32 bytes."""
        return _HELLO.pack(self.kind, self.session, self.received)

    @staticmethod
    def unpack(data: bytes | memoryview) -> Hello:
        """Read the first 32 bytes of `data`; the kind is not checked."""
        return Hello(*_HELLO.unpack_from(data))


def new_session() -> bytes:
    """Return a session id that nobody can guess: 128 bit."""
    return secrets.token_bytes(16)
