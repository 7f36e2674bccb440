"""Keeps the scheduler from unpickling what a worker sends: unpickling runs code.

distributed unpickles parts of a message marked so while it reads it, before any handler is asked,
also on a scheduler (which otherwise passes results on unread). In 2026.8.0 only clients have need
of it. So without this an allowlist of operations would keep nobody out.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import distributed.protocol.core
from distributed.comm import Comm
from distributed.protocol import pickle

TRUSTED_ROLE = "client"

_sender: ContextVar[str] = ContextVar("sitespan_sender", default="")


class PickleRefused(RuntimeError):
    """A peer that is no client sent something to unpickle."""


class _TrustingClients:
    """Stands in for ``distributed.protocol.pickle`` where messages are read."""

    dumps = staticmethod(pickle.dumps)

    @staticmethod
    def loads(data: bytes, *, buffers: Any = ()) -> Any:
        role = _sender.get()
        if role != TRUSTED_ROLE:
            raise PickleRefused(f"The scheduler unpickles nothing from a {role or 'stranger'}.")
        return pickle.loads(data, buffers=buffers)


def unpickle_only_from_clients(comm: type[Comm]) -> None:
    """Refuse pickles in the messages that this process reads by `comm`, but of clients.

    For the scheduler's process alone: workers and clients have to unpickle each other's data.
    """
    read = comm.read

    async def read_from(self: Comm, *args: Any, **kwargs: Any) -> Any:
        # The read's own context, also in the thread that large messages are decoded in.
        token = _sender.set(str(self.extra_info.get("role", "")))
        try:
            return await read(self, *args, **kwargs)
        finally:
            _sender.reset(token)

    comm.read = read_from
    distributed.protocol.core.pickle = _TrustingClients
