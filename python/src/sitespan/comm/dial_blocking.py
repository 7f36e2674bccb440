"""Dial the relay without asyncio and without Dask: for enrolment, before anything else is there.

Standard library only, and readable by Python 3.6 (see identity.py).
"""

import socket
import time

from sitespan.comm.prelude import Refused, build, clock
from sitespan.comm.step_down import StepDown
from sitespan.identity import Identity


def dial_blocking(
    identity: Identity, target: str, secret: str = "", timeout: float = 30.0
) -> "tuple[socket.socket, dict[str, str]]":
    """Open `target` at the relay; returns the raw socket and the answer's headers.

    The socket is past the step down, with `timeout` (seconds) set on it: the next byte
    is the peer's. The caller owns it.

    Raises
    ------
    Refused
        The relay said no; its `code` and `final` say how.
    OSError
        The relay could not be reached, was not the relay we trust, or took too long.
    """
    try:
        return _dial(identity, target, secret, timeout)
    except Refused as refused:
        if not clock.correct(refused.relay_ms):
            raise
    return _dial(identity, target, secret, timeout)


def _dial(
    identity: Identity, target: str, secret: str, timeout: float
) -> "tuple[socket.socket, dict[str, str]]":
    relay = identity.relay
    deadline = time.monotonic() + timeout
    connection = socket.create_connection((relay.host, relay.port), timeout)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        prelude = build(identity.credential, target, secret)
        dialling = StepDown(identity.relay_context(), relay.server_name, prelude)
        while dialling.answer is None:
            outgoing = dialling.outgoing()
            if outgoing:
                connection.sendall(outgoing)
            dialling.feed(_exactly(connection, dialling.needs, deadline))
        headers = dialling.answer.accepted(target)
        connection.settimeout(timeout)
        return connection, headers
    except BaseException:
        connection.close()
        raise


def _exactly(connection: socket.socket, size: int, deadline: float) -> bytes:
    data = b""
    while len(data) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The relay did not answer in time.")
        connection.settimeout(left)
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionResetError("The relay closed the connection before it had answered.")
        data += more
    return data
