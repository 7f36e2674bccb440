"""A Dask comm over the relay that outlives its connections: a lost one is a pause."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from distributed.comm.core import Comm, CommClosedError
from distributed.comm.tcp import TCP
from distributed.comm.utils import from_frames, to_frames

from sitespan.comm.session import Session, SessionOver
from sitespan.comm.wire import Wire
from sitespan.identity import Owner


class RelayComm(Comm):
    """Dask's side of a session: objects become frames, and frames objects.

    Parameters
    ----------
    wire
        The session's first connection, whose certificate is shown in `extra_info`.
    peer
        Role and subject of that certificate, already checked.

    Attributes
    ----------
    last_used : float
        When something was last read or written (``time.monotonic``).
    """

    max_shard_size = TCP.max_shard_size

    def __init__(
        self,
        wire: Wire,
        session: Session,
        local: str,
        peer: Owner,
        *,
        deserialize: bool = True,
    ) -> None:
        super().__init__(deserialize=deserialize)
        self.last_used = time.monotonic()
        self._session = session
        # Named as in distributed's own comms: `distributed.comm.core.connect` reads them.
        self._local_addr, self._peer_addr = local, session.far
        transport = wire.transport
        self._extra = {
            "peercert": transport.get_extra_info("peercert"),
            "cipher": transport.get_extra_info("cipher"),
            "role": peer.role,
            "subject": peer.subject,
        }

    @property
    def local_address(self) -> str:
        """Our end, ``relay://<subject>:<number>``."""
        return self._local_addr

    @property
    def peer_address(self) -> str:
        """The far end; its host is the subject of its certificate."""
        return self._peer_addr

    @property
    def extra_info(self) -> dict[str, Any]:
        """``peercert``, ``cipher``, and the certificate's ``role`` and ``subject``."""
        return self._extra

    @property
    def resumed(self) -> int:
        """How often a new connection took over."""
        return self._session.resumed

    async def read(self, deserializers: Any = None) -> Any:
        """Return the next message; a cancelled read aborts, as in distributed's own comms."""
        try:
            frames = await self._session.take()
        except SessionOver as over:
            raise CommClosedError(f"in {self}: {over}") from None
        except asyncio.CancelledError:
            self.abort()
            raise
        self.last_used = time.monotonic()
        try:
            return await from_frames(
                frames,
                deserialize=self.deserialize,
                deserializers=deserializers,
                allow_offload=self.allow_offload,
            )
        except EOFError:
            self.abort()
            raise CommClosedError("aborted stream on truncated data") from None

    async def write(self, msg: Any, serializers: Any = None, on_error: str = "message") -> int:
        """Send a message; waits while more than the window is unacknowledged."""
        try:
            self._session.check_open()
            frames = await to_frames(
                msg,
                allow_offload=self.allow_offload,
                serializers=serializers,
                on_error=on_error,
                context={
                    "sender": self.local_info,
                    "recipient": self.remote_info,
                    **self.handshake_options,
                },
                frame_split_size=self.max_shard_size,
            )
            size = await self._session.send(frames)
        except SessionOver as over:
            raise CommClosedError(f"in {self}: {over}") from None
        self.last_used = time.monotonic()
        return size

    async def close(self) -> None:
        """Say goodbye after what was written, and wait until that is on its way."""
        await self._session.close()

    def abort(self) -> None:
        """End the session now; the far end is told even when a message is half sent."""
        self._session.abort()

    def closed(self) -> bool:
        """Whether nothing can be read or written any more."""
        return self._session.closed
