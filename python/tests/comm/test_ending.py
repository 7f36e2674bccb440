"""How a comm ends, and what does not end it."""

from __future__ import annotations

import asyncio

import ends
import numpy as np
import pytest
from distributed.comm import CommClosedError
from distributed.protocol import Serialized, to_serialize

import rig
from sitespan.comm.relay_comm import RelayComm

SOON = 5.0


async def is_closed(comm: RelayComm) -> None:
    with pytest.raises(CommClosedError):
        await asyncio.wait_for(comm.read(), SOON)
    assert comm.closed()


@pytest.mark.parametrize("end", ["dialler", "listener"])
async def test_a_close_comes_after_all_that_was_written(
    cluster: rig.RelayedCluster, end: str
) -> None:
    async with ends.joined(cluster) as (near, far):
        closing, other = (near, far) if end == "dialler" else (far, near)
        for number in range(100):
            await closing.write(number)
        await closing.close()
        assert [await other.read() for _ in range(100)] == list(range(100))
        await is_closed(other)


async def test_a_large_message_before_a_close_arrives_whole(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, far):
        await near.write(to_serialize(np.ones(40_000_000, "u1")))
        closing = asyncio.ensure_future(near.close())
        assert (await asyncio.wait_for(far.read(), 30)).sum() == 40_000_000
        await closing
        await is_closed(far)


async def test_both_ends_may_close_at_once_and_again(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, far):
        await asyncio.wait_for(asyncio.gather(near.close(), far.close()), SOON)
        await near.close()
        far.abort()
        assert near.closed() and far.closed()


async def test_a_waiting_read_fails_when_its_own_end_closes(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, _):
        reading = asyncio.ensure_future(near.read())
        await asyncio.sleep(0.05)
        await near.close()
        with pytest.raises(CommClosedError):
            await asyncio.wait_for(reading, SOON)


async def test_a_writer_held_up_fails_when_the_peer_aborts(cluster: rig.RelayedCluster) -> None:
    async def write_on(comm: RelayComm) -> None:
        while True:
            await comm.write(bytes(4_000_000))

    async with ends.joined(cluster) as (near, far):
        writing = asyncio.ensure_future(write_on(near))
        await asyncio.sleep(0.5)
        far.abort()
        with pytest.raises(CommClosedError):
            await asyncio.wait_for(writing, SOON)


async def test_a_truncated_pickle_ends_the_comm(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, far):
        await near.write(to_serialize(Truncated()))
        await is_closed(far)
        await is_closed(near)


async def test_a_message_that_cannot_be_written_fails_alone(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, far):
        with pytest.raises(TypeError):
            await near.write({"bad": to_serialize(object())}, serializers=[], on_error="raise")
        await near.write("next")
        assert await far.read() == "next"


async def test_what_nobody_asked_to_read_stays_serialized(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster, deserialize=False) as (near, far):
        await near.write({"x": to_serialize(123)})
        message = await far.read()
        assert isinstance(message["x"], Serialized)
        await far.write(message)
        assert isinstance((await near.read())["x"], Serialized)


async def test_arrays_that_came_may_be_written_to(cluster: rig.RelayedCluster) -> None:
    async with ends.joined(cluster) as (near, far):
        await near.write([to_serialize(np.arange(size)) for size in (10, 100_000)])
        for array in await far.read():
            array[0] = 7
            assert array[0] == 7


class Truncated:
    """Pickles well, and reads as a pickle that was cut."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (_end_of_file, ("cut",))


def _end_of_file(text: str) -> None:
    raise EOFError(text)
