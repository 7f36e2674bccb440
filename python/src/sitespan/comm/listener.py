"""The listening end: dials back to whoever calls, and takes lost sessions up again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import dask
from dask.utils import parse_timedelta
from distributed.comm.addressing import parse_host_port
from distributed.comm.core import BaseListener, CommClosedError

from sitespan.comm.address import PREFIX
from sitespan.comm.background import Background
from sitespan.comm.control import Call, Control
from sitespan.comm.dial import dial
from sitespan.comm.hello import Hello, Kind
from sitespan.comm.inner import encrypt
from sitespan.comm.prelude import ACCEPT_TARGET
from sitespan.comm.relay_comm import RelayComm
from sitespan.comm.session import Session
from sitespan.comm.wire import Wire
from sitespan.identity import Identity, Owner

logger = logging.getLogger("distributed.comm.relay")

_ACCEPT_SECONDS = 20.0
_LOOK_SECONDS = 0.25
_GONE_SECONDS = 5.0
_GONE_AFTER_RELAY_SECONDS = 30.0
_GIVE_UP_SECONDS = 100.0

Handler = Callable[[RelayComm], Awaitable[None]]


class RelayListener(BaseListener):
    """Listens as ``relay://<our subject>:<number>``, which the relay gives to nobody else.

    The host of the wanted address is ignored: distributed fills it with guesses about IP
    interfaces, and an address of ours names its owner.
    """

    prefix = PREFIX  # Worker.start_unsafe reads it, though the Listener interface does not name it

    def __init__(
        self,
        location: str,
        handler: Handler,
        deserialize: bool = True,
        allow_offload: bool = True,
        default_port: int = 0,
        **args: Any,
    ) -> None:
        super().__init__()
        self._identity: Identity = args.get("identity") or Identity.current()
        number = parse_host_port(location, default_port)[1] if location else default_port
        wanted = f"{self._identity.credential.subject}:{number or 0}"
        self._control = Control(self._identity, wanted, self._on_call)
        self._handler, self._deserialize = handler, deserialize
        self._allow_offload = allow_offload
        self._sessions: dict[bytes, tuple[Owner, Session]] = {}
        self._started = self._stopped = False

    # -- distributed's interface

    async def start(self) -> None:
        """Register at the relay, within ``distributed.comm.timeouts.connect``.

        Raises
        ------
        OSError
            ``EADDRINUSE`` where another process has the address; else what the relay said.
        """
        self._streams, self._upkeep = Background(), Background()
        limit = parse_timedelta(dask.config.get("distributed.comm.timeouts.connect"), "seconds")
        reader = await self._control.start(float(limit))
        self._started = True
        self._upkeep.start(self._control.serve(reader))

    def stop(self) -> None:
        """Give the address up; streams go on, but a lost one does not come back."""
        if not self._started or self._stopped:
            return
        self._stopped = True
        self._control.stop()
        self._upkeep.cancel()

    @property
    def listen_address(self) -> str:
        """``relay://<subject>:<number>``; raises ValueError before `start`."""
        if not self._started:
            raise ValueError("The listener has not been started.")
        return PREFIX + self._control.id

    @property
    def contact_address(self) -> str:
        """The same: there is no other way to reach it."""
        return self.listen_address

    # -- streams

    def _on_call(self, call: Call) -> None:
        self._streams.start(self._accept(call))

    async def _accept(self, call: Call) -> None:
        try:
            wire, hello, peer, remote = await asyncio.wait_for(self._meet(call), _ACCEPT_SECONDS)
        except (OSError, asyncio.TimeoutError, ValueError) as error:
            logger.warning("No stream with %s: %s", call.caller, error or "it took too long")
            return
        if hello.kind in (Kind.NEW, Kind.ONCE) and not self._stopped:
            await self._begin(wire, hello, peer, remote)
            return
        owner, session = self._sessions.get(hello.session, (None, None))
        if owner != peer:
            session = None
        if hello.kind == Kind.AGAIN and session is not None and not session.ended:
            # Its old connection may not have been seen to die here: what still lies in that must
            # not be counted any more once our count is said.
            session.detach()
            wire.say_hello(Hello(Kind.OK, hello.session, session.received))
            session.attach(wire, hello.received)
            return
        if hello.kind == Kind.AGAIN:
            wire.say_hello(Hello(Kind.GONE, hello.session, 0))
        elif hello.kind == Kind.CLOSE and session is not None:
            session.give_up(f"{remote} has aborted it")
        wire.close()

    async def _meet(self, call: Call) -> tuple[Wire, Hello, Owner, str]:
        connection, headers = await dial(self._identity, ACCEPT_TARGET, call.ticket)
        remote, role = headers.get("sitespan-from", ""), headers.get("sitespan-role", "")
        peer = Owner(role, remote.rpartition(":")[0])
        wire = await encrypt(connection, self._identity, peer, accepted=True, expects_hello=True)
        try:
            assert wire.hello is not None
            return wire, await wire.hello, peer, PREFIX + remote
        except BaseException:
            wire.drop()
            raise

    async def _begin(self, wire: Wire, hello: Hello, peer: Owner, remote: str) -> None:
        session = Session(
            wire,
            remote,
            on_detached=self._on_detached if hello.kind == Kind.NEW else None,
            on_ended=lambda: self._forget(hello.session),
        )
        if hello.kind == Kind.NEW and not session.ended:
            self._sessions[hello.session] = (peer, session)
        comm = RelayComm(wire, session, self.contact_address, peer, deserialize=self._deserialize)
        comm.allow_offload = self._allow_offload
        try:
            await self.on_connection(comm)
        except CommClosedError as error:
            logger.info("%s was closed before its handshake was complete: %s", remote, error)
            return
        try:
            await self._handler(comm)
        except CommClosedError as error:
            logger.debug("The handler of %s ended with its comm: %s", remote, error)

    def _forget(self, session: bytes) -> None:
        self._sessions.pop(session, None)

    def _on_detached(self, session: Session) -> None:
        self._streams.start(self._await_return(session))

    async def _await_return(self, session: Session) -> None:
        """Give a lost session up: soon if only its peer can be to blame, late without a relay."""
        while not session.ended and session.detached_since is not None:
            now, up_since = time.monotonic(), self._control.up_since
            if up_since is None:
                over = session.detached_since + _GIVE_UP_SECONDS
            elif up_since > session.detached_since:
                # The relay was away: everybody has to come back, and some are busy.
                over = up_since + _GONE_AFTER_RELAY_SECONDS
            else:
                over = session.detached_since + _GONE_SECONDS
            if self._stopped or now > over:
                session.give_up(f"lost the connection with {session.far}")
                return
            await asyncio.sleep(_LOOK_SECONDS)
