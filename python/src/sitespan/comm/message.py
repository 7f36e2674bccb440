"""A message's layout: distributed's own, behind a head that counts too (docs/relay.md)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from distributed.protocol.utils import pack_frames_prelude
from distributed.utils import ensure_memoryview, nbytes

HEAD = struct.Struct("<QQ")
"""Length of the first part, count of messages received so far."""

ACKNOWLEDGEMENT = 0
GOODBYE = (1 << 64) - 1

# From these on, joining the buffers costs more than sending them one by one.
_JOIN_BYTES = 128 << 10
_JOIN_FRAGMENTED_BYTES = 32 << 20
_FRAGMENT_BYTES = 32 << 10
_SMALL_BYTES = 2048


def pack(
    frames: Sequence[bytes | memoryview], received: int
) -> tuple[list[bytes | memoryview], int]:
    """Lay `frames` out as buffers to send, and return them with their size in bytes.

    The first part holds what its reader will not keep: prelude, pickles, and the first
    uncompressed buffer if those are negligible beside it. Further uncompressed buffers come
    apart, so that the reader can receive each into memory of its own and release it alone:
    the same cut as ``distributed.comm.tcp`` makes.
    """
    sizes = [nbytes(frame) for frame in frames]
    first, kept = 0, None
    for frame, size in zip(frames, sizes, strict=True):
        buffer = frame.obj if isinstance(frame, memoryview) else frame
        if not isinstance(buffer, bytes):
            if kept is None:
                if first > max(_SMALL_BYTES, size * 0.05):
                    break
                kept = buffer
            elif kept is not buffer:
                break
        first += size
    prelude = pack_frames_prelude(frames)
    head = HEAD.pack(len(prelude) + first, received) + prelude
    total = len(head) + sum(sizes)
    fragmented = total < _JOIN_FRAGMENTED_BYTES and total // (len(frames) + 1) < _FRAGMENT_BYTES
    if total < _JOIN_BYTES or fragmented:
        return [b"".join([head, *frames])], total
    buffers: list[bytes | memoryview] = [head]
    for frame, size in zip(frames, sizes, strict=True):
        if size:
            buffers.append(frame if isinstance(frame, bytes) else ensure_memoryview(frame))
    return buffers, total
