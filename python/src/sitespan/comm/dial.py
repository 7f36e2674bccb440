"""Dial the relay from an event loop: a raw socket after the step down, or a control connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

import dask
from dask.utils import parse_timedelta

from sitespan.comm.prelude import Answer, Refused, build, clock
from sitespan.comm.step_down import StepDown
from sitespan.identity import Identity

T = TypeVar("T")
_CONTROL_LINE_BYTES = 65536


async def dial(
    identity: Identity, target: str, secret: str = ""
) -> tuple[socket.socket, dict[str, str]]:
    """Open `target` at the relay: the non-blocking raw socket, and the answer's headers.

    It has no limit of its own: the caller gives one, since a ``connect`` may wait for its target.

    Raises
    ------
    Refused
        The relay said no; its `code` and `final` say how.
    OSError
        The relay could not be reached, or was not the relay we trust (``ssl.SSLError``).
    """
    return await with_clock_corrected(lambda: _dial(identity, target, secret))


async def dial_control(
    identity: Identity, target: str, secret: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a control connection, which stays in TLS; positioned at its first line.

    Raises
    ------
    Refused, OSError
        As `dial`.
    """
    return await with_clock_corrected(lambda: _dial_control(identity, target, secret))


async def with_clock_corrected(attempt: Callable[[], Awaitable[T]]) -> T:
    """Make the attempt, and once more if the relay says that our clock was far off."""
    try:
        return await attempt()
    except Refused as refused:
        if not clock.correct(refused.relay_ms):
            raise
    return await attempt()


async def _dial(
    identity: Identity, target: str, secret: str
) -> tuple[socket.socket, dict[str, str]]:
    loop = asyncio.get_running_loop()
    connection = await _connected(identity)
    try:
        prelude = build(identity.credential, target, secret)
        dialling = StepDown(identity.relay_context(), identity.relay.server_name, prelude)
        while dialling.answer is None:
            outgoing = dialling.outgoing()
            if outgoing:
                await loop.sock_sendall(connection, outgoing)
            dialling.feed(await _exactly(loop, connection, dialling.needs))
        return connection, dialling.answer.accepted(target)
    except BaseException:
        connection.close()
        raise


async def _dial_control(
    identity: Identity, target: str, secret: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connection = await _connected(identity)
    try:
        reader, writer = await asyncio.open_connection(
            sock=connection,
            limit=_CONTROL_LINE_BYTES,
            ssl=identity.relay_context(),
            server_hostname=identity.relay.server_name,
        )
    except BaseException:
        connection.close()
        raise
    try:
        writer.write(build(identity.credential, target, secret))
        Answer.parse(await reader.readuntil(b"\r\n\r\n")).accepted(target)
        return reader, writer
    except asyncio.IncompleteReadError as error:
        writer.transport.abort()
        raise ConnectionResetError("The relay closed the connection unanswered.") from error
    except BaseException:
        writer.transport.abort()
        raise


async def _connected(identity: Identity) -> socket.socket:
    loop = asyncio.get_running_loop()
    host, port = identity.relay.host, identity.relay.port
    try:
        # A number needs no resolver, and asyncio would ask for it in a thread.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError | None = None
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)
            _keep_alive(connection)
            await loop.sock_connect(connection, address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    raise ConnectionError(
        f"The relay at {host}:{port} cannot be reached from here: {failure}."
    ) from failure


def _keep_alive(connection: socket.socket) -> None:
    """Have the kernel see a silent path die within ``distributed.comm.timeouts.tcp`` (30 s)."""
    limit = int(parse_timedelta(dask.config.get("distributed.comm.timeouts.tcp", "30s"), "seconds"))
    probes = 10
    interval = max(1, (limit - max(2, limit // 4)) // probes)
    idle = max(1, limit - interval * probes)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", idle),
        ("TCP_KEEPALIVE", idle),  # macOS's name of the same
        ("TCP_KEEPINTVL", interval),
        ("TCP_KEEPCNT", probes),
        ("TCP_USER_TIMEOUT", limit * 1000),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, option, value)


async def _exactly(loop: asyncio.AbstractEventLoop, connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = await loop.sock_recv(connection, size - len(data))
        if not more:
            raise ConnectionResetError("The relay closed the connection before it had answered.")
        data += more
    return data


def is_untrusted(error: BaseException) -> bool:
    """Tell a TLS failure that trying again cannot mend from a connection that was cut."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    return isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")
