"""The TLS inside a stream, and the check of whom it leads to."""

from __future__ import annotations

import asyncio
import socket

from sitespan.comm.wire import Wire
from sitespan.identity import Identity, IdentityError, Owner, owner_of

_HANDSHAKE_SECONDS = 15.0


class WrongPeer(ConnectionError):
    """The stream leads to another than its address names: somebody on the way lies."""


async def encrypt(
    connection: socket.socket,
    identity: Identity,
    peer: Owner,
    *,
    accepted: bool,
    expects_hello: bool,
) -> Wire:
    """Make a raw stream a wire whose peer is `peer` by its certificate; owns `connection`.

    Parameters
    ----------
    accepted
        Whether we are the listening end, which is the server of the TLS.

    Raises
    ------
    WrongPeer
        The certificate is the cluster's but names another role or subject.
    OSError
        TLS failed (``ssl.SSLError``), or the stream was cut.
    """
    loop = asyncio.get_running_loop()

    def make() -> Wire:
        return Wire(expects_hello)

    try:
        if accepted:
            transport, wire = await loop.connect_accepted_socket(
                make,
                connection,
                ssl=identity.server_context(),
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            )
        else:
            transport, wire = await loop.create_connection(
                make,
                sock=connection,
                ssl=identity.client_context(),
                server_hostname="",
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            )
    except BaseException:
        connection.close()
        raise
    try:
        found = owner_of(transport.get_extra_info("peercert"))
        if found != peer:
            raise WrongPeer(
                f"The stream to {peer.role} {peer.subject} leads to {found.role}"
                f" {found.subject}, by its certificate; it was closed."
            )
    except IdentityError as error:
        transport.abort()
        raise WrongPeer(str(error)) from error
    except WrongPeer:
        transport.abort()
        raise
    return wire
