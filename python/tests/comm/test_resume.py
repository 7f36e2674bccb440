"""A lost connection is a pause: over the real relay, with connections that are really cut."""

from __future__ import annotations

import asyncio
import time

import chaos
import dask
import ends
import pytest
import sequence
from distributed.comm import CommClosedError

import rig
from sitespan.comm.relay_comm import RelayComm


async def test_thousands_of_messages_arrive_once_and_in_order_while_connections_are_cut(
    cluster: rig.RelayedCluster,
) -> None:
    near, far = await asyncio.to_thread(
        sequence.run,
        cluster.identity("scheduler", "scheduler"),
        cluster.identity("client", "dialler"),
        cluster,
        5000,
        5,
        150,
    )
    assert near["ok"] and far["ok"], (near, far)
    assert int(str(near["resumed"])) >= 10, "the connections were hardly cut"


async def test_a_relay_that_is_killed_and_started_again_is_a_pause(
    own_relay: rig.RelayProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = rig.RelayedCluster(own_relay, tmp_path_factory.mktemp("cluster"))
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, dialler)
        for number in range(300):
            if number in (100, 200):
                own_relay.kill()
                own_relay.start()
            await comm.write(number)
            assert await asyncio.wait_for(comm.read(), 30) == number
        assert comm.resumed == 2
        await comm.close()


async def test_a_relay_that_stays_away_for_a_while_is_a_longer_pause(
    own_relay: rig.RelayProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = rig.RelayedCluster(own_relay, tmp_path_factory.mktemp("cluster"))
    listener = cluster.identity("scheduler", "scheduler")
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, cluster.identity("worker", "north-1"))
        await comm.write("before")
        assert await comm.read() == "before"
        own_relay.kill()
        await comm.write("meanwhile")
        await asyncio.sleep(4)
        own_relay.start()
        assert await asyncio.wait_for(comm.read(), 30) == "meanwhile"
        comm.abort()


async def test_an_abort_while_the_relay_is_away_is_told_when_it_is_back(
    own_relay: rig.RelayProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = rig.RelayedCluster(own_relay, tmp_path_factory.mktemp("cluster"))
    async with ends.joined(cluster) as (near, far):
        own_relay.kill()
        await asyncio.sleep(0.3)
        near.abort()
        own_relay.start()
        # Untold, the listener would wait half a minute for the dialler after such an absence.
        with pytest.raises(CommClosedError, match="aborted"):
            await asyncio.wait_for(far.read(), 10)


async def test_what_was_written_before_a_close_arrives_though_the_connection_is_lost(
    own_relay: rig.RelayProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = rig.RelayedCluster(own_relay, tmp_path_factory.mktemp("cluster"))
    async with ends.joined(cluster) as (near, far):
        own_relay.kill()
        await near.write("last words")
        await near.close()
        own_relay.start()
        assert await asyncio.wait_for(far.read(), 20) == "last words"
        with pytest.raises(CommClosedError):
            await asyncio.wait_for(far.read(), 20)


async def test_an_idle_comm_is_mended_too(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    server = await chaos.serve("127.0.0.1", cluster.relay.port, 0.3)
    port = server.sockets[0].getsockname()[1]
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, rig.through(dialler, port))
        await asyncio.sleep(1.5)
        assert comm.resumed >= 1
        await comm.write("still there")
        assert await asyncio.wait_for(comm.read(), 5) == "still there"
        comm.abort()
    server.close()


@pytest.mark.parametrize("end", ["listener", "dialler"])
async def test_a_peer_that_was_killed_is_seen_within_seconds(
    cluster: rig.RelayedCluster, end: str
) -> None:
    listener, dialler = ends.pair(cluster)
    accepted: asyncio.Queue[RelayComm] = asyncio.Queue()

    async def handler(comm: RelayComm) -> None:
        await accepted.put(comm)

    if end == "listener":
        code = """
import asyncio, rig, ends
rig.register_backend()
from sitespan.identity import Identity
async def main():
    async with ends.listening(Identity.current()) as address:
        print(address, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
        with _child(code, cluster, listener) as child:
            assert child.stdout is not None
            address = (await asyncio.to_thread(child.stdout.readline)).strip()
            comm = await ends.dial(address, dialler)
            await comm.write("hello")
            assert await comm.read() == "hello"
            child.kill()
            await _is_lost(comm)
        return
    async with ends.listening(listener, handler) as address:
        code = f"""
import asyncio, rig, ends
rig.register_backend()
from sitespan.identity import Identity
async def main():
    comm = await ends.dial({address!r}, Identity.current())
    await asyncio.sleep(60)
asyncio.run(main())
"""
        with _child(code, cluster, dialler) as child:
            comm = await asyncio.wait_for(accepted.get(), 20)
            child.kill()
            await _is_lost(comm)


async def _is_lost(comm: RelayComm) -> None:
    started = time.monotonic()
    with pytest.raises(CommClosedError):
        await asyncio.wait_for(comm.read(), 20)
    assert time.monotonic() - started < 12


def _child(code: str, cluster: rig.RelayedCluster, identity: object) -> object:
    tests = str(rig.PROJECT / "python" / "tests" / "comm")
    return rig.process(
        "-c", f"import sys; sys.path.insert(0, {tests!r})\n{code}", identity=cluster.save(identity)
    )


async def test_without_resumption_a_loss_is_the_end(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    server = await chaos.serve("127.0.0.1", cluster.relay.port, 0.3)
    port = server.sockets[0].getsockname()[1]
    async with ends.listening(listener) as address:
        with dask.config.set({"sitespan.resume": False}):
            comm = await ends.dial(address, rig.through(dialler, port))
        with pytest.raises(CommClosedError):
            await asyncio.wait_for(comm.read(), 5)
    server.close()
