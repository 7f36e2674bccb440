"""A TCP proxy that cuts: ``python chaos.py HOST PORT CUT_MS`` prints its port on 127.0.0.1.

Every connection lives for CUT_MS, give or take half, and then ends by turns in FIN and in RST, at
both of its ends and wherever in a message it is.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import struct
import sys

_turn = itertools.count()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    # With a linger time of 0, close sends RST instead of FIN.
    plain: socket.socket = writer.get_extra_info("socket")
    if plain.fileno() >= 0:  # else the far side was first
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def serve(host: str, port: int, cut_seconds: float) -> asyncio.Server:
    """Start the proxy in the running loop."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            _reset(writer)
            return
        copies = [
            asyncio.create_task(_copy(reader, far_writer)),
            asyncio.create_task(_copy(far_reader, writer)),
        ]
        life = cut_seconds * random.uniform(0.5, 1.5) if cut_seconds else None
        await asyncio.wait(copies, timeout=life, return_when=asyncio.FIRST_COMPLETED)
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
        for end in (writer, far_writer):
            _reset(end) if next(_turn) // 2 % 2 else end.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0)


async def main(host: str, port: int, cut_ms: float) -> None:
    """Serve until killed."""
    server = await serve(host, port, cut_ms / 1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
