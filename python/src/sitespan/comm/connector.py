"""The dialling end: opens streams, and opens them again after a loss."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from typing import Any

import dask
from distributed.comm.core import CommClosedError, Connector, FatalCommClosedError

from sitespan.comm.address import PREFIX, new_origin, owner
from sitespan.comm.dial import dial, is_untrusted
from sitespan.comm.hello import Hello, Kind, new_session
from sitespan.comm.idle import close_when_idle
from sitespan.comm.inner import WrongPeer, encrypt
from sitespan.comm.prelude import Refused, connect_target
from sitespan.comm.relay_comm import RelayComm
from sitespan.comm.session import Session
from sitespan.comm.wire import Wire
from sitespan.identity import Identity, IdentityError

logger = logging.getLogger("distributed.comm.relay")

_ATTEMPT_SECONDS = 15.0
_WINDOW_SECONDS = 90.0
# Dask finds a worker that is gone by the worker's own stream to the scheduler, and asks others
# instead: so a stream to a worker is given up soon, but one to the scheduler as late as can be.
_WORKER_SECONDS = 5.0
_WORKER_AFTER_RELAY_SECONDS = 30.0
_FIRST_DELAY_SECONDS = 0.05
_LAST_DELAY_SECONDS = 2.0


class RelayConnector(Connector):
    """Opens comms to ``relay://`` addresses, as the identity given or that of this process."""

    async def connect(self, address: str, deserialize: bool = True, **args: Any) -> RelayComm:
        """Open a comm to `address` (no scheme), TLS inside, its certificate checked.

        Raises
        ------
        FatalCommClosedError
            Trying again would not help: refused, or not the peer that the address names.
        CommClosedError
            It did not work this time.
        """
        identity = args.get("identity") or Identity.current()
        stream = Stream(identity, address)
        resumed = bool(dask.config.get("sitespan.resume", True))
        try:
            wire = await stream.open(again=False, expects_hello=False)
        except OSError as error:
            fatal = isinstance(error, (WrongPeer, IdentityError)) or is_untrusted(error)
            if fatal or (isinstance(error, Refused) and error.final):
                raise FatalCommClosedError(f"to {PREFIX}{address}: {error}") from error
            raise CommClosedError(f"to {PREFIX}{address}: {error}") from error
        wire.say_hello(Hello(Kind.NEW if resumed else Kind.ONCE, stream.id, 0))
        session = Session(wire, PREFIX + address, resumption=stream if resumed else None)
        comm = RelayComm(
            wire, session, PREFIX + stream.origin, stream.peer, deserialize=deserialize
        )
        close_when_idle(comm)
        return comm


class Stream:
    """One session from the side that dials; implements `Resumption`.

    Attributes
    ----------
    id : bytes
        The session's, known to both ends alone.
    """

    def __init__(self, identity: Identity, address: str) -> None:
        self.origin = new_origin(identity)
        self.peer = owner(address)
        self.id = new_session()
        self._identity, self._address = identity, address

    async def open(self, *, again: bool, expects_hello: bool) -> Wire:
        """Dial once: a wire with its TLS done and its peer checked; raises OSError."""
        target = connect_target(self._address, self.origin, again)
        connection, _ = await dial(self._identity, target)
        return await encrypt(
            connection, self._identity, self.peer, accepted=False, expects_hello=expects_hello
        )

    async def again(self, session: Session) -> tuple[Wire, int]:
        """Dial until the listener goes on with the session, or says that it is over."""
        lost = time.monotonic()
        patience = _WINDOW_SECONDS if self.peer.role == "scheduler" else _WORKER_SECONDS
        delay = 0.0
        while True:
            await asyncio.sleep(random.uniform(delay / 2, delay))
            delay = min(_LAST_DELAY_SECONDS, max(_FIRST_DELAY_SECONDS, delay * 2))
            left = lost + patience - time.monotonic()
            if session.ended:
                raise ConnectionError("it ended meanwhile")
            try:
                return await asyncio.wait_for(
                    self._again_once(session), max(0.5, min(left, _ATTEMPT_SECONDS))
                )
            except (OSError, asyncio.TimeoutError) as error:
                if _is_over(error):
                    raise
                if isinstance(error, _RelayAway):
                    patience = max(patience, _WORKER_AFTER_RELAY_SECONDS)
                if time.monotonic() > lost + patience:
                    raise ConnectionError(
                        f"not resumed within {patience:.0f} s ({error or 'no answer'})"
                    ) from error
                logger.debug("Stream to %s is not back yet: %s", self._address, error)

    async def close(self) -> None:
        """Tell the listener that the session is over, over a connection of its own."""
        until, delay = time.monotonic() + _ATTEMPT_SECONDS, _FIRST_DELAY_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                wire = await asyncio.wait_for(self.open(again=True, expects_hello=False), left)
            except (OSError, asyncio.TimeoutError) as error:
                # If this fails for good, the listener finds out by itself, some seconds later.
                logger.debug("Could not tell %s that a session is over: %s", self._address, error)
                if _is_over(error):
                    return
            else:
                wire.say_hello(Hello(Kind.CLOSE, self.id, 0))
                wire.close()
                return
            await asyncio.sleep(random.uniform(delay / 2, delay))
            delay = min(_LAST_DELAY_SECONDS, delay * 2)

    async def _again_once(self, session: Session) -> tuple[Wire, int]:
        try:
            wire = await self.open(again=True, expects_hello=True)
        except ConnectionRefusedError as error:
            raise _RelayAway(str(error)) from error
        try:
            assert wire.hello is not None
            wire.say_hello(Hello(Kind.AGAIN, self.id, session.received))
            answer = await wire.hello
            if answer.session == self.id and answer.kind == Kind.OK:
                return wire, answer.received
            if session.shut or not session.never_answered:
                raise SessionGone(f"{PREFIX}{self._address} has ended the session")
        except BaseException:
            wire.drop()
            raise
        # The cut was so early that the listener never heard of the session: begin it anew.
        wire.drop()
        self.id = new_session()
        wire = await self.open(again=True, expects_hello=False)
        wire.say_hello(Hello(Kind.NEW, self.id, 0))
        return wire, 0


class SessionGone(ConnectionError):
    """The listener knows the session no more."""


class _RelayAway(ConnectionError):
    """Nothing listens where the relay was."""


def _is_over(error: BaseException) -> bool:
    if isinstance(error, Refused):
        # A stranger's answer may come from a relay that is just being given its tenants.
        return error.code != "stranger" and (error.final or error.code == "unknown-target")
    return isinstance(error, (SessionGone, WrongPeer, ssl.SSLCertVerificationError)) or (
        is_untrusted(error)
    )
