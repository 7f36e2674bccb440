"""Reaching the relay and a name at it: what works, and what failure says."""

from __future__ import annotations

import asyncio

import ends
import pytest
from distributed.comm import CommClosedError, listen
from distributed.comm.core import FatalCommClosedError

import rig
from sitespan.comm.connector import RelayConnector
from sitespan.comm.dial_blocking import dial_blocking
from sitespan.comm.prelude import Refused, clock, connect_target
from sitespan.comm.security import RelaySecurity


async def test_a_relay_that_cannot_be_reached_is_named(cluster: rig.RelayedCluster) -> None:
    _, dialler = ends.pair(cluster)
    with pytest.raises(CommClosedError, match=r"relay at 127\.0\.0\.1:1 cannot be reached"):
        await RelayConnector().connect("north-1:1", identity=rig.through(dialler, 1))


async def test_a_relay_with_another_authority_is_not_trusted(cluster: rig.RelayedCluster) -> None:
    _, dialler = ends.pair(cluster)
    mistaken = dialler._replace(relay=dialler.relay._replace(ca=dialler.tls.ca))
    with pytest.raises(FatalCommClosedError, match="certificate"):
        await ends.dial("relay://north-1:1", mistaken)


async def test_a_credential_that_the_relay_does_not_know_fails_at_once(
    cluster: rig.RelayedCluster,
) -> None:
    _, dialler = ends.pair(cluster)
    forged = dialler._replace(credential=dialler.credential._replace(key="0" * 64))
    with pytest.raises(FatalCommClosedError, match="does not know our credential"):
        await ends.dial("relay://north-1:1", forged)


async def test_a_clock_that_is_far_off_is_corrected(
    cluster: rig.RelayedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        monkeypatch.setattr(clock, "_offset_ms", -3_600_000)
        comm = await ends.dial(address, dialler)
        await comm.write("in time")
        assert await comm.read() == "in time"
        await comm.close()


async def test_a_worker_listens_under_its_own_name_whatever_it_is_told(
    cluster: rig.RelayedCluster,
) -> None:
    listener, _ = ends.pair(cluster)
    arguments = RelaySecurity(listener).get_listen_args("worker")
    for wanted in ("relay://", "relay://10.0.0.1:0", "relay://scheduler:0"):
        async with listen(wanted, ends.echo, **arguments) as listening:
            host, port = listening.contact_address.removeprefix("relay://").split(":")
            assert host == "north-1"
            assert 0 < int(port) < 65536


async def test_an_address_is_free_again_after_a_stop(cluster: rig.RelayedCluster) -> None:
    listener, _ = ends.pair(cluster)
    arguments = RelaySecurity(listener).get_listen_args("worker")
    for _ in range(3):
        async with listen("relay://:77", ends.echo, **arguments) as listening:
            assert listening.contact_address == "relay://north-1:77"


async def test_without_asyncio_a_listener_is_reached_too(cluster: rig.RelayedCluster) -> None:
    listener, dialler = ends.pair(cluster)
    async with ends.listening(listener) as address:
        target = connect_target(address.removeprefix("relay://"), "notebook:9")
        connection, _ = await asyncio.to_thread(dial_blocking, dialler, target, timeout=10)

        def certificate() -> str:
            context = dialler.client_context()
            with context.wrap_socket(connection) as inside:
                return str(inside.getpeercert())

        assert "north-1" in await asyncio.to_thread(certificate)


async def test_without_asyncio_a_refusal_is_told_apart_too(cluster: rig.RelayedCluster) -> None:
    _, dialler = ends.pair(cluster)
    with pytest.raises(Refused) as refused:
        target = connect_target("nobody:1", "notebook:10")
        await asyncio.to_thread(dial_blocking, dialler, target, timeout=10)
    assert (refused.value.code, refused.value.final) == ("unknown-target", False)
