"""What whoever runs the relay, or a wire to it, sees of a stream: nothing of what is said in it."""

from __future__ import annotations

import asyncio
import secrets

import ends

import rig

_STEP_DOWN = bytes.fromhex("180303000100")


async def test_the_relay_sees_nothing_of_what_passes(cluster: rig.RelayedCluster) -> None:
    seen = bytearray()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            seen.extend(data)
            writer.write(data)
            await writer.drain()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", cluster.relay.port)
        both = [copy(reader, far_writer), copy(far_reader, writer)]
        await asyncio.wait(
            [asyncio.create_task(one) for one in both], return_when=asyncio.FIRST_COMPLETED
        )
        writer.close()
        far_writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    listener, dialler = (
        one._replace(relay=one.relay._replace(port=port)) for one in ends.pair(cluster)
    )
    body = secrets.token_bytes(100_000)
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, dialler)
        await comm.write(body)
        assert await comm.read() == body
        await comm.close()
    server.close()
    # There and back, over two hops each; and the outer TLS had been left, so the relay sees this.
    assert len(seen) > 4 * len(body)
    assert seen.count(_STEP_DOWN) >= 2
    assert not any(body[at : at + 16] in seen for at in range(0, len(body), 1000))
