"""Closing of pooled comms that nobody uses: every one holds two sockets at the relay.

distributed's pool keeps up to 512 idle comms a process and never lets one go, so a thousand
workers could ask for half a million streams. It looks at ``closed()`` before it uses one again.
"""

from __future__ import annotations

import asyncio
import time

import dask
from dask.utils import parse_timedelta

from sitespan.comm.relay_comm import RelayComm


def close_when_idle(comm: RelayComm) -> None:
    """Close `comm` once it lay unused in a pool for ``sitespan.idle-close`` (60 s; 0 for never)."""
    limit = float(parse_timedelta(dask.config.get("sitespan.idle-close", "60s"), "seconds"))
    if limit > 0:
        asyncio.get_running_loop().call_later(limit, _look, comm, limit)


def _look(comm: RelayComm, limit: float) -> None:
    if comm.closed():
        return
    pool_of = getattr(comm, "_pool", None)
    pool = None if pool_of is None else pool_of()
    left = limit
    if pool is not None and comm in pool.available.get(comm.peer_address, ()):
        left = comm.last_used + limit - time.monotonic()
        if left <= 0:
            comm.abort()
            return
    asyncio.get_running_loop().call_later(left, _look, comm, limit)
