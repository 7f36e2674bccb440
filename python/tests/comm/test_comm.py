"""The behaviours of distributed's transports that Dask relies on, over ``relay://``."""

import asyncio
import errno
import resource
import time

import dask
import numpy
import pytest
from distributed.comm import CommClosedError, connect, listen
from distributed.comm.addressing import get_address_host, resolve_address
from distributed.comm.core import FatalCommClosedError
from distributed.core import ConnectionPool
from distributed.protocol import Serialized, to_serialize
from ends import Ends

import rig
from sitespan.comm.dial_blocking import dial_blocking
from sitespan.comm.prelude import Refused, connect_target
from sitespan.comm.relay_comm import INBOX_BYTES, WINDOW_BYTES

SOON = 5.0


async def closed(comm: object) -> None:
    """Wait until reading fails as it does from a closed comm."""
    with pytest.raises(CommClosedError):
        await asyncio.wait_for(comm.read(), SOON)
    assert comm.closed()


async def test_messages_go_both_ways(ends: Ends) -> None:
    near, far = await ends.pair()
    await near.write({"op": "ping", "n": (1, 2, None, b"x")})
    assert await far.read() == {"op": "ping", "n": (1, 2, None, b"x")}
    await far.write("pong")
    assert await near.read() == "pong"


async def test_each_end_knows_the_other_by_its_certificate(ends: Ends) -> None:
    near, far = await ends.pair()
    assert (near.extra_info["role"], near.extra_info["subject"]) == ("scheduler", "scheduler")
    assert (far.extra_info["role"], far.extra_info["subject"]) == ("client", "notebook-1")
    assert near.extra_info["peercert"]["subject"]
    assert near.peer_address == far.local_address == "relay://scheduler:8786"
    assert near.local_address == far.peer_address
    assert get_address_host(far.peer_address) == "notebook-1"
    assert not near.same_host


@pytest.mark.parametrize("first", ["dialler", "listener"])
async def test_close_is_seen_after_all_that_was_written(ends: Ends, first: str) -> None:
    near, far = await ends.pair()
    closing, other = (near, far) if first == "dialler" else (far, near)
    for n in range(100):
        await closing.write(n)
    await closing.close()
    assert closing.closed()
    assert [await other.read() for _ in range(100)] == list(range(100))
    await closed(other)
    with pytest.raises(CommClosedError):
        await other.write("too late")
    with pytest.raises(CommClosedError):
        await closing.write("too late")
    await closing.close()
    closing.abort()


async def test_a_large_message_before_a_close_arrives(ends: Ends) -> None:
    near, far = await ends.pair()
    reading = asyncio.ensure_future(far.read())
    await near.write(to_serialize(numpy.zeros(20_000_000, "u1")))
    await near.close()
    assert len(await asyncio.wait_for(reading, 30)) == 20_000_000
    await closed(far)


@pytest.mark.parametrize("first", ["dialler", "listener"])
async def test_abort_is_seen_at_once(ends: Ends, first: str) -> None:
    near, far = await ends.pair()
    aborting, other = (near, far) if first == "dialler" else (far, near)
    aborting.abort()
    assert aborting.closed()
    start = time.monotonic()
    await closed(other)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("first", ["dialler", "listener"])
async def test_abort_in_the_middle_of_a_message_is_seen_at_once(ends: Ends, first: str) -> None:
    near, far = await ends.pair()
    aborting, other = (near, far) if first == "dialler" else (far, near)
    # More than the inbox and the sockets on the way hold: part of it is still here.
    for _ in range(3):
        await other.write(to_serialize(numpy.zeros(WINDOW_BYTES // 4, "u1")))
    await aborting.write(to_serialize(numpy.zeros(100_000_000, "u1")))
    aborting.abort()
    start = time.monotonic()
    await closed(other)
    # A listener that only saw the loss would wait for the dialler to come back, for 5 s.
    assert time.monotonic() - start < 4


async def test_a_waiting_read_fails_when_its_own_end_closes(ends: Ends) -> None:
    near, _ = await ends.pair()
    reading = asyncio.ensure_future(near.read())
    await asyncio.sleep(0.05)
    await near.close()
    with pytest.raises(CommClosedError):
        await asyncio.wait_for(reading, SOON)


async def test_a_cancelled_read_aborts(ends: Ends) -> None:
    near, far = await ends.pair()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(near.read(), 0.05)
    assert near.closed()
    await closed(far)


async def test_nobody_there_is_a_timeout(ends: Ends) -> None:
    start = time.monotonic()
    with pytest.raises(OSError, match="Timed out"):
        await connect("relay://north-9:1", timeout=0.7, identity=ends.dialler)
    assert time.monotonic() - start < SOON


async def test_an_unreachable_relay_is_named(ends: Ends) -> None:
    nowhere = rig.through(ends.dialler, 1)
    with pytest.raises(OSError, match="Timed out") as failure:
        await connect("relay://scheduler:8786", timeout=0.5, identity=nowhere)
    assert "relay at 127.0.0.1:1 cannot be reached" in str(failure.value.__cause__)


async def test_a_relay_with_another_certificate_is_not_trusted(ends: Ends) -> None:
    relay = ends.dialler.relay._replace(ca=ends.dialler.tls.ca)
    with pytest.raises(FatalCommClosedError, match="certificate"):
        await connect("relay://scheduler:8786", identity=ends.dialler._replace(relay=relay))


async def test_a_credential_that_the_relay_does_not_know_fails_at_once(ends: Ends) -> None:
    credential = ends.dialler.credential._replace(key="0" * 64)
    with pytest.raises(FatalCommClosedError, match="does not know our credential"):
        await connect(
            "relay://scheduler:8786", identity=ends.dialler._replace(credential=credential)
        )


async def test_many_frames_and_empty_ones(ends: Ends) -> None:
    near, far = await ends.pair()
    parts = [b"", b"a" * 10, b"", b"b" * 200_000, b"", *(b"c" * 70_000 for _ in range(300)), b""]
    writing = asyncio.ensure_future(near.write([to_serialize(part) for part in parts]))
    assert list(await asyncio.wait_for(far.read(), 30)) == parts
    await writing
    arrays = [numpy.arange(n) for n in (0, 1, 0, 100_000, 3, 0)]
    await near.write([to_serialize(array) for array in arrays])
    received = await far.read()
    assert all(numpy.array_equal(a, b) for a, b in zip(arrays, received, strict=True))
    received[3][0] = 7  # Dask promises its users arrays that they can write to


async def test_a_message_of_256_megabytes(ends: Ends) -> None:
    near, far = await ends.pair()
    sent = numpy.random.default_rng(1).integers(0, 255, 256_000_000, dtype="u1")
    writing = asyncio.ensure_future(near.write(to_serialize(sent)))
    assert numpy.array_equal(await asyncio.wait_for(far.read(), 60), sent)
    await writing


async def test_a_slow_reader_holds_the_writer_back(ends: Ends) -> None:
    near, far = await ends.pair()
    part = to_serialize(numpy.zeros(1_000_000, "u1"))
    written = 0

    async def write() -> None:
        nonlocal written
        for _ in range(200):
            await near.write(part)
            written += 1

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    writing = asyncio.ensure_future(write())
    while True:
        seen = written
        await asyncio.sleep(0.5)
        if seen == written:
            break
    # Window, inbox, and what the sockets of three processes hold.
    assert WINDOW_BYTES < written * 1_000_000 < WINDOW_BYTES + INBOX_BYTES + 30_000_000
    for _ in range(200):
        assert (await asyncio.wait_for(far.read(), SOON)).nbytes == 1_000_000
    await asyncio.wait_for(writing, SOON)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 120_000_000


async def test_a_message_that_cannot_be_read_fails_alone(ends: Ends) -> None:
    class Bad:
        def __reduce__(self) -> object:
            return int, ("not a number",)

    near, far = await ends.pair()
    await near.write(to_serialize(Bad()))
    with pytest.raises(ValueError, match="not a number"):
        await far.read()
    await near.write("next")
    assert await far.read() == "next"


async def test_a_truncated_pickle_aborts(ends: Ends) -> None:
    class Short:
        def __reduce__(self) -> object:
            return exec, ("raise EOFError",)

    near, far = await ends.pair()
    await near.write(to_serialize(Short()))
    await closed(far)
    await closed(near)


async def test_a_message_that_cannot_be_written_fails_alone(ends: Ends) -> None:
    near, far = await ends.pair()
    with pytest.raises(TypeError):
        await near.write({"bad": object}, serializers=["msgpack"], on_error="raise")
    await near.write("next")
    assert await far.read() == "next"


async def test_data_stay_serialized_where_nobody_asked_for_objects(
    cluster: rig.RelayedCluster,
) -> None:
    ends = Ends(cluster.identity("scheduler", "scheduler"), cluster.identity("client", "nb"))
    async with ends.listening(deserialize=False):
        near, far = await ends.pair(deserialize=False)
        await near.write({"x": to_serialize(123)})
        message = await far.read()
        assert isinstance(message["x"], Serialized)
        await far.write(message)
        assert isinstance((await near.read())["x"], Serialized)


async def test_hundreds_of_connects_at_once(ends: Ends) -> None:
    pairs = await asyncio.gather(*(ends.pair(timeout=60) for _ in range(200)))
    nears = [near for near, _ in pairs]
    fars = {far.peer_address: far for _, far in pairs}
    for n, near in enumerate(nears):
        await near.write(n)
    for n, near in enumerate(nears):
        assert await fars[near.local_address].read() == n
    await asyncio.gather(*(near.close() for near in nears))
    await asyncio.gather(*(closed(far) for far in fars.values()))


async def test_a_pooled_comm_that_lies_idle_is_closed(ends: Ends) -> None:
    with dask.config.set({"sitespan.idle-close": "300ms"}):
        pool = await ConnectionPool(connection_args={"identity": ends.dialler})
        comm = await pool.connect("relay://scheduler:8786")
        await asyncio.sleep(0.7)
        assert not comm.closed(), "in use"
        pool.reuse("relay://scheduler:8786", comm)
        await asyncio.sleep(0.7)
        assert comm.closed()
        again = await pool.connect("relay://scheduler:8786")
        assert again is not comm
        assert not again.closed()
        await pool.close()


async def test_an_address_in_use_is_said_as_distributed_expects(
    ends: Ends, cluster: rig.RelayedCluster
) -> None:
    with pytest.raises(OSError, match="in use") as failure:
        await listen("relay://:8786", ends.handle, identity=ends.listener)
    assert failure.value.errno == errno.EADDRINUSE


async def test_a_worker_listens_under_its_own_name_whatever_it_is_told(
    ends: Ends, cluster: rig.RelayedCluster
) -> None:
    me = cluster.identity("worker", "north-3")
    for wanted in ("relay://", "relay://10.0.0.1:0", "relay://scheduler:0"):
        async with listen(wanted, ends.handle, identity=me) as listener:
            host, port = listener.contact_address.removeprefix("relay://").split(":")
            assert host == "north-3"
            assert 0 < int(port) < 65536


async def test_an_address_is_free_again_after_a_stop(
    ends: Ends, cluster: rig.RelayedCluster
) -> None:
    me = cluster.identity("worker", "north-3")
    for _ in range(3):
        async with listen("relay://:77", ends.handle, identity=me) as listener:
            assert listener.contact_address == "relay://north-3:77"


async def test_a_client_cannot_listen(ends: Ends) -> None:
    with pytest.raises(Refused) as failure:
        await listen("relay://", ends.handle, identity=ends.dialler)
    assert failure.value.code == "role-not-allowed"


async def test_an_address_without_a_number_is_no_address() -> None:
    assert resolve_address("relay://north-3:1") == "relay://north-3:1"
    with pytest.raises(ValueError, match="port"):
        resolve_address("relay://north-3")


async def test_a_far_off_clock_corrects_itself(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    from sitespan.comm.prelude import clock

    monkeypatch.setattr(clock, "_offset_ms", -3_600_000)
    near, far = await ends.pair()
    await near.write("in time")
    assert await far.read() == "in time"
    assert abs(clock._offset_ms) < 60_000


async def test_the_blocking_dialler_reaches_a_listener_and_is_refused_like_others(
    ends: Ends, cluster: rig.RelayedCluster
) -> None:
    target = connect_target("scheduler:8786", "notebook-1:9")
    connection, _ = await asyncio.to_thread(dial_blocking, ends.dialler, target, timeout=10)

    def shake() -> str:
        context = ends.dialler.client_context()
        with context.wrap_socket(connection, server_hostname="") as inside:
            return str(inside.getpeercert())

    assert "scheduler" in await asyncio.to_thread(shake)
    with pytest.raises(Refused) as failure:
        missing = connect_target("north-9:1", "notebook-1:10")
        await asyncio.to_thread(dial_blocking, ends.dialler, missing, timeout=10)
    assert failure.value.code == "unknown-target"
