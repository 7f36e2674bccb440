"""What Dask relies on of a transport, over relay:// and the real relay."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import time

import dask
import ends
import numpy as np
import pytest
from distributed.comm import Comm, CommClosedError, connect, listen
from distributed.comm.core import FatalCommClosedError
from distributed.core import ConnectionPool, Server
from distributed.protocol import to_serialize

import rig
from sitespan.comm.backend import RelayBackend
from sitespan.comm.connector import RelayConnector
from sitespan.comm.relay_comm import RelayComm
from sitespan.comm.security import RelaySecurity

MEGABYTE = 1 << 20


async def test_says_what_was_sent_both_ways(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, dialler)
        for message in ({"op": "ping"}, [1, 2.5, None, "ä"], b"x" * 100_000):
            await comm.write(message)
            answer = await comm.read()
            assert answer == message or list(answer) == message
        await comm.close()


async def test_an_address_names_its_owner(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        assert address.startswith("relay://north-1:")
        comm = await ends.dial(address, dialler)
        assert comm.peer_address == address
        assert comm.local_address.startswith("relay://notebook:")
        assert (comm.extra_info["role"], comm.extra_info["subject"]) == ("worker", "north-1")
        assert comm.extra_info["peercert"]["subject"]
        backend = RelayBackend()
        assert backend.get_address_host("north-1:7") == "north-1"
        assert backend.resolve_address("north-1:7") == "north-1:7"
        with pytest.raises(ValueError):
            backend.resolve_address("north-1")
        comm.abort()


@pytest.mark.parametrize("end", ["dialler", "listener"])
@pytest.mark.parametrize("how", ["close", "abort"])
async def test_either_end_may_end_it(cluster: rig.RelayedCluster, end: str, how: str) -> None:
    listener, dialler = ends.pair(cluster)
    accepted: asyncio.Queue[RelayComm] = asyncio.Queue()

    async def handler(comm: RelayComm) -> None:
        await accepted.put(comm)

    async with ends.listening(listener, handler) as address:
        near = await ends.dial(address, dialler)
        far = await asyncio.wait_for(accepted.get(), 5)
        ender, other = (near, far) if end == "dialler" else (far, near)
        await ender.write("last words")
        if how == "close":
            await ender.close()
            assert await asyncio.wait_for(other.read(), 3) == "last words"
        else:
            ender.abort()
        with pytest.raises(CommClosedError):
            while True:
                await asyncio.wait_for(other.read(), 3)
        assert ender.closed() and other.closed()
        with pytest.raises(CommClosedError):
            await ender.write("too late")
        with pytest.raises(CommClosedError):
            await other.write("too late")


@pytest.mark.parametrize("end", ["dialler", "listener"])
async def test_an_abort_in_the_middle_of_a_message_is_seen_at_once(
    cluster: rig.RelayedCluster, end: str
) -> None:
    listener, dialler = ends.pair(cluster)
    accepted: asyncio.Queue[RelayComm] = asyncio.Queue()

    async def handler(comm: RelayComm) -> None:
        await accepted.put(comm)

    async with ends.listening(listener, handler) as address:
        near = await ends.dial(address, dialler)
        far = await asyncio.wait_for(accepted.get(), 5)
        ender, other = (near, far) if end == "dialler" else (far, near)
        # More than all the buffers on the way take, so that it is cut in its middle.
        await ender.write(to_serialize(np.ones(12 * MEGABYTE)))
        ender.abort()
        started = time.monotonic()
        with pytest.raises(CommClosedError):
            while True:
                await asyncio.wait_for(other.read(), 10)
        assert time.monotonic() - started < 4


async def test_nobody_there_is_said_within_the_timeout(cluster: rig.RelayedCluster) -> None:
    _, dialler = ends.pair(cluster)
    started = time.monotonic()
    with pytest.raises(OSError, match="Timed out trying to connect to relay://nobody:1"):
        await ends.dial("relay://nobody:1", dialler, timeout=1)
    assert time.monotonic() - started < 5


async def test_a_listener_that_does_not_answer_is_given_up(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        # The listener's loop is this one: it cannot answer while it is held up.
        code = f"""
import asyncio, rig
rig.register_backend()
from distributed.comm import connect
async def main():
    try:
        await connect({address!r}, timeout=2)
    except OSError as error:
        print("given up:", type(error).__name__, flush=True)
asyncio.run(main())
"""
        with rig.process("-c", code, identity=cluster.save(dialler)) as child:
            time.sleep(5)
            assert child.stdout is not None
            assert child.stdout.readline().startswith("given up:")


@pytest.mark.parametrize(
    "sizes", [[0], [0] * 50, [1] * 3000, [0, 7, 0, 300_000, 0], [10, MEGABYTE] * 8]
)
async def test_many_frames_and_empty_ones(cluster: rig.RelayedCluster, sizes: list[int]) -> None:
    listener, dialler = ends.pair(cluster)
    message = [to_serialize(np.full(size, index % 251, "u1")) for index, size in enumerate(sizes)]
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, dialler)
        await comm.write(message)
        answer = await comm.read()
        assert [len(part) for part in answer] == sizes
        assert all((part == index % 251).all() for index, part in enumerate(answer))
        comm.abort()


async def test_a_message_of_256_megabytes(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    data = np.random.default_rng(1).integers(0, 255, 256 * MEGABYTE, "u1")
    checked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def handler(comm: RelayComm) -> None:
        received = (await comm.read())["x"]
        checked.set_result(bool(np.array_equal(received, data)))

    async with ends.listening(listener, handler) as address:
        comm = await ends.dial(address, dialler)
        await comm.write({"x": to_serialize(data)})
        assert await asyncio.wait_for(checked, 60)
        comm.abort()


async def test_a_slow_reader_holds_the_writer_up_and_bounds_memory(
    cluster: rig.RelayedCluster,
) -> None:
    listener, dialler = ends.pair(cluster)
    go = asyncio.Event()
    received = 0

    async def handler(comm: RelayComm) -> None:
        nonlocal received
        await go.wait()
        while received < 100:
            assert len((await comm.read())["x"]) == 4 * MEGABYTE
            received += 1

    async def write_all(comm: Comm) -> None:
        nonlocal written
        for _ in range(100):
            await comm.write({"x": bytes(4 * MEGABYTE)})
            written += 1

    written = 0
    async with ends.listening(listener, handler) as address:
        comm = await ends.dial(address, dialler)
        before = _resident_bytes(cluster.relay.pid)
        writer = asyncio.create_task(write_all(comm))
        await asyncio.sleep(2)
        assert written < 30, "400 MB went nowhere"
        assert _resident_bytes(cluster.relay.pid) - before < 64 * MEGABYTE
        go.set()
        await asyncio.wait_for(writer, 60)
        while received < 100:
            await asyncio.sleep(0.01)
        comm.abort()


def _resident_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class Unreadable:
    """Pickles well, and fails when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (_fail, ("cannot be read",))


def _fail(text: str) -> None:
    raise ValueError(text)


async def test_a_message_that_cannot_be_read_fails_alone(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    seen: asyncio.Queue[object] = asyncio.Queue()

    async def handler(comm: RelayComm) -> None:
        for _ in range(2):
            try:
                await seen.put(await comm.read())
            except ValueError as error:
                await seen.put(str(error))

    async with ends.listening(listener, handler) as address:
        comm = await ends.dial(address, dialler)
        await comm.write({"bad": to_serialize(Unreadable())})
        await comm.write({"good": 2})
        assert "cannot be read" in str(await asyncio.wait_for(seen.get(), 5))
        assert await asyncio.wait_for(seen.get(), 5) == {"good": 2}
        comm.abort()


async def test_hundreds_of_connects_at_once(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)

    async def once(number: int) -> None:
        comm = await ends.dial(address, dialler, timeout=60)
        await comm.write(number)
        assert await comm.read() == number
        await comm.close()

    async with ends.listening(listener) as address:
        await asyncio.gather(*(once(number) for number in range(300)))


async def test_a_cancelled_read_ends_the_comm(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        comm = await ends.dial(address, dialler)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(comm.read(), 0.1)
        assert comm.closed()


async def test_pooled_comms_are_closed_when_idle(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    security = RelaySecurity(listener)
    server = Server(
        {"ping": lambda: "pong"}, connection_args=security.get_connection_args("worker")
    )
    with dask.config.set({"sitespan.idle-close": "500ms"}):
        await server.listen("relay://", **security.get_listen_args("worker"))
        arguments = RelaySecurity(dialler).get_connection_args("client")
        pool = await ConnectionPool(connection_args=arguments)
        try:
            assert await pool(server.address).ping() == "pong"
            (comm,) = pool.available[server.address]
            await asyncio.sleep(0.2)
            assert not comm.closed()
            await asyncio.sleep(1.5)
            assert comm.closed()
            assert await pool(server.address).ping() == "pong"
        finally:
            await pool.close()
            await server.close()


async def test_a_client_does_not_listen(cluster: rig.RelayedCluster) -> None:
    _, client = ends.pair(cluster)
    with pytest.raises(OSError, match="role-not-allowed"):
        async with ends.listening(client):
            pass


async def test_a_worker_does_not_dial_a_client(cluster: rig.RelayedCluster) -> None:
    worker, client = ends.pair(cluster)
    with pytest.raises(CommClosedError, match="unknown-target"):
        await RelayConnector().connect(f"{client.credential.subject}:1", identity=worker)


async def test_an_address_in_use_is_said_as_the_system_says_it(cluster: rig.RelayedCluster) -> None:
    scheduler = cluster.identity("scheduler", "scheduler")
    arguments = RelaySecurity(scheduler).get_listen_args("scheduler")
    async with listen("relay://scheduler:8786", ends.echo, **arguments):
        with pytest.raises(OSError) as refused:
            async with listen("relay://scheduler:8786", ends.echo, **arguments):
                pass
        assert refused.value.errno == errno.EADDRINUSE


@pytest.mark.parametrize(
    "owner", [("worker", "scheduler"), ("scheduler", "other"), ("client", "x")]
)
async def test_who_cannot_prove_to_be_the_scheduler_is_left(
    cluster: rig.RelayedCluster, owner: tuple[str, str]
) -> None:
    liar = cluster.identity("scheduler", "scheduler", owner=owner)
    client = cluster.identity("client", "notebook")
    async with listen(
        "relay://:8786", ends.echo, **RelaySecurity(liar).get_listen_args("scheduler")
    ):
        with pytest.raises(FatalCommClosedError, match="leads to"):
            await connect(
                "relay://scheduler:8786",
                timeout=5,
                **RelaySecurity(client).get_connection_args("client"),
            )


async def test_who_cannot_prove_to_be_the_caller_is_left(cluster: rig.RelayedCluster) -> None:
    listener = cluster.identity("worker", "north-1")
    liar = cluster.identity("client", "notebook", owner=("scheduler", "scheduler"))
    async with ends.listening(listener) as address:
        with pytest.raises(OSError):
            comm = await ends.dial(address, liar, timeout=3)
            await comm.write("ping")
            await comm.read()


async def test_another_clusters_certificate_is_not_trusted(
    cluster: rig.RelayedCluster, shared_relay: rig.RelayProcess, tmp_path: os.PathLike[str]
) -> None:
    other = rig.RelayedCluster(shared_relay, cluster.folder / "other")
    listener, dialler = ends.pair(cluster)
    stranger = dialler._replace(tls=other.identity("client", "notebook").tls)
    async with ends.listening(listener) as address:
        with pytest.raises(OSError):
            comm = await ends.dial(address, stranger, timeout=3)
            await comm.write("ping")
            await comm.read()
