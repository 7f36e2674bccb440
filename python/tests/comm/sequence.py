"""No message lost, none twice, all in order: N messages each way while connections are cut.

``PYTHONPATH=src:tests python tests/comm/sequence.py N SECONDS [CUT_MS]`` starts a relay, a
listener, a dialler, and before that a proxy that cuts each connection about every CUT_MS (1000);
spreads the messages (10 B to 1 MB) over SECONDS; prints one JSON object, and exits 1 if anything
was amiss.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from distributed.comm import CommClosedError, connect, listen

import rig
from sitespan.bench.sequence import body, send
from sitespan.comm.relay_comm import RelayComm
from sitespan.identity import Identity

_LIMIT_SECONDS = 120.0


async def receive(comm: RelayComm, name: str, messages: int) -> None:
    """Read all messages and compare each with what it must be."""
    for number in range(messages):
        message = await comm.read()
        expected = {"from": name, "number": number, "body": body(number)}
        assert message == expected, f"{name}: expected {number}, got {message['number']}"


async def exchange(comm: RelayComm, ours: str, theirs: str, messages: int, seconds: float) -> None:
    """Send and receive at the same time."""
    await asyncio.gather(send(comm, ours, messages, seconds), receive(comm, theirs, messages))


async def listening_end(messages: int, seconds: float) -> dict[str, object]:
    """Serve one comm, then see it closed by its peer."""
    over: asyncio.Future[dict[str, object]] = asyncio.get_running_loop().create_future()

    async def handle(comm: RelayComm) -> None:
        try:
            await exchange(comm, "listener", "dialler", messages, seconds)
            try:
                extra = await comm.read()
            except CommClosedError:
                over.set_result({"end": "listener", "ok": True, "resumed": comm.resumed})
            else:
                over.set_result({"end": "listener", "ok": False, "why": f"one more: {extra}"})
        except BaseException as error:
            over.set_result({"end": "listener", "ok": False, "why": repr(error)})

    async with listen("relay://:8786", handle):
        print("ready", flush=True)
        return await asyncio.wait_for(over, seconds + _LIMIT_SECONDS)


async def dialling_end(messages: int, seconds: float) -> dict[str, object]:
    """Open the comm, exchange, lie idle for a second of cuts, close."""
    start = time.monotonic()
    comm = await connect("relay://scheduler:8786", timeout=30)
    assert isinstance(comm, RelayComm)
    try:
        await exchange(comm, "dialler", "listener", messages, seconds)
    except Exception as error:
        return {"end": "dialler", "ok": False, "why": repr(error), "resumed": comm.resumed}
    took = time.monotonic() - start
    await asyncio.sleep(1)
    await comm.close()
    await asyncio.sleep(2)
    return {"end": "dialler", "ok": True, "resumed": comm.resumed, "seconds": round(took, 2)}


def run(
    listener: Identity,
    dialler: Identity,
    cluster: rig.RelayedCluster,
    messages: int,
    seconds: float,
    cut_ms: float,
) -> list[dict[str, object]]:
    """Run both ends as processes, with the cutting proxy before the dialler; return their words."""
    module = (__file__, "--end")
    numbers = (str(messages), str(seconds))
    relay = (listener.relay.host, str(listener.relay.port))
    chaos = str(Path(__file__).with_name("chaos.py"))
    with (
        rig.process(chaos, *relay, str(cut_ms)) as proxy,
        rig.process(*module, "listening", *numbers, identity=cluster.save(listener)) as far,
    ):
        assert proxy.stdout is not None and far.stdout is not None
        port = int(proxy.stdout.readline())
        assert far.stdout.readline() == "ready\n"
        path = cluster.save(rig.through(dialler, port))
        with rig.process(*module, "dialling", *numbers, identity=path) as near:
            assert near.stdout is not None
            return [json.loads(end.stdout.readline() or '{"ok": false}') for end in (near, far)]


def main(messages: int, seconds: float, cut_ms: float) -> int:
    """Run the whole with a relay of its own."""
    with tempfile.TemporaryDirectory(prefix="sitespan-sequence-") as folder:
        relay = rig.RelayProcess(Path(folder) / "relay")
        relay.start()
        try:
            cluster = rig.RelayedCluster(relay, Path(folder))
            ends = run(
                cluster.identity("scheduler", "scheduler"),
                cluster.identity("client", "dialler"),
                cluster,
                messages,
                seconds,
                cut_ms,
            )
        finally:
            relay.stop()
    ok = all(end["ok"] for end in ends)
    print(json.dumps({"messages": messages, "cutMs": cut_ms, "ok": ok, "ends": ends}))
    return 0 if ok else 1


async def _end(which: str, messages: int, seconds: float) -> None:
    rig.register_backend()
    work = listening_end if which == "listening" else dialling_end
    print(json.dumps(await work(messages, seconds)), flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[0] == "--end":
        asyncio.run(_end(given[1], int(given[2]), float(given[3])))
    else:
        sys.exit(main(int(given[0]), float(given[1]), float((*given, "1000")[2])))
