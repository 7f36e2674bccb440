"""One end of the sequence test: ``python -m sitespan.bench.sequence listener|dialler N SECONDS``.

Both ends send N messages (10 B to 1 MB), evenly over SECONDS, compare each that comes with what it
must be, and print one JSON object. src/bench cuts their connections meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass

from distributed.comm import CommClosedError, connect, listen

from sitespan.client import security
from sitespan.comm.relay_comm import RelayComm

_ADDRESS = "relay://scheduler:8786"
_SECURITY = {"address": _ADDRESS}
_LIMIT_SECONDS = 110.0
_IDLE_SECONDS = 2.5


@dataclass
class Outcome:
    """What an end has to say; `ok` when all came, in order, and then the close."""

    end: str
    ok: bool = False
    resumed: int = 0
    received: int = 0
    seconds: float = 0.0
    why: str = ""


def body(number: int) -> bytes:
    """Return the bytes of a message, known to both ends: mostly small, each 500th large."""
    chance = random.Random(number)
    sizes = (10, 100, 1000, 3000) if number % 500 else (200_000, 1_000_000)
    return bytes([number % 251]) * chance.choice(sizes)


async def send(comm: RelayComm, name: str, messages: int, seconds: float) -> None:
    """Send all messages, evenly over `seconds`."""
    start = time.monotonic()
    for number in range(messages):
        await comm.write({"from": name, "number": number, "body": body(number)})
        if number % 20 == 0:
            ahead = number / messages * seconds - (time.monotonic() - start)
            await asyncio.sleep(max(0.0, ahead))


async def receive(comm: RelayComm, name: str, messages: int, outcome: Outcome) -> None:
    """Read all messages; raises ValueError at the first that is not the one expected."""
    for number in range(messages):
        message = await comm.read()
        if message != {"from": name, "number": number, "body": body(number)}:
            raise ValueError(f"expected message {number} of {name}, got {message.get('number')}")
        outcome.received += 1


async def exchange(
    comm: RelayComm, theirs: str, messages: int, seconds: float, out: Outcome
) -> None:
    """Send and receive at the same time, until both are done."""
    begun = time.monotonic()
    try:
        await asyncio.gather(
            send(comm, out.end, messages, seconds), receive(comm, theirs, messages, out)
        )
    finally:
        out.seconds, out.resumed = time.monotonic() - begun, comm.resumed


async def listener(messages: int, seconds: float) -> Outcome:
    """Serve one comm, then see nothing more come but its close."""
    outcome = Outcome("listener")
    over = asyncio.Event()

    async def handle(comm: RelayComm) -> None:
        try:
            await exchange(comm, "dialler", messages, seconds, outcome)
            outcome.why = f"one message too many: {await comm.read()}"
        except CommClosedError as error:
            outcome.ok = outcome.received == messages
            outcome.why = str(error)
        except Exception as error:
            outcome.why = repr(error)
        finally:
            over.set()

    given = security(_SECURITY)
    assert given is not None
    async with listen("relay://:8786", handle, **given.get_listen_args("scheduler")):
        print("ready", flush=True)
        await asyncio.wait_for(over.wait(), seconds + _LIMIT_SECONDS)
    return outcome


async def dialler(messages: int, seconds: float) -> Outcome:
    """Open the comm, exchange, lie idle for some cuts, close."""
    outcome = Outcome("dialler")
    given = security(_SECURITY)
    assert given is not None
    comm = await connect(_ADDRESS, timeout=30, **given.get_connection_args("client"))
    print("ready", flush=True)
    try:
        await exchange(comm, "listener", messages, seconds, outcome)
        await asyncio.sleep(_IDLE_SECONDS)
        await comm.close()
        outcome.ok = True
    except Exception as error:
        outcome.why = repr(error)
    # A goodbye that is cut is said again over another connection.
    await asyncio.sleep(_IDLE_SECONDS)
    outcome.resumed = comm.resumed
    return outcome


async def main(which: str, messages: int, seconds: float) -> None:
    """Run one end and print its outcome; stay until we are ended, since the other may need us."""
    work = listener if which == "listener" else dialler
    print(json.dumps(asdict(await work(messages, seconds))), flush=True)
    await asyncio.sleep(_LIMIT_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
