"""The address that notebooks written for coffea-casa have in them, made to mean the cluster.

There a notebook says ``Client("tls://localhost:8786")``. Where SITESPAN_COFFEA_CASA is 1, that one
address is dialled over the relay, inside this process: nothing listens at it, and nobody else
on this computer is served by it. Every other ``tls://`` address is distributed's own business.
"""

from __future__ import annotations

import os
from typing import Any

from distributed.comm.core import Comm, Connector
from distributed.comm.registry import Backend, backends, get_backend

from sitespan.comm.connector import RelayConnector

VARIABLE = "SITESPAN_COFFEA_CASA"
ADDRESS = "tls://localhost:8786"
_SCHEME, _, _LOCATION = ADDRESS.partition("://")
_SCHEDULER = "scheduler:8786"


def is_ours(address: str) -> bool:
    """Tell whether `address` is coffea-casa's and was switched on for this process."""
    return address == ADDRESS and os.environ.get(VARIABLE) == "1"


def redirect() -> None:
    """Have coffea-casa's address dialled over the relay from now on; asking twice is harmless."""
    stock = get_backend(_SCHEME)
    if not isinstance(stock, _WithOneAddressOfOurs):
        backends[_SCHEME] = _WithOneAddressOfOurs(stock)


class _WithOneAddressOfOurs(Backend):
    """Another backend, but for how one address is dialled."""

    def __init__(self, stock: Backend) -> None:
        self._stock = stock

    def get_connector(self) -> Connector:
        return _OneOverTheRelay(self._stock.get_connector())

    def get_listener(
        self, loc: str, handle_comm: Any, deserialize: bool, **connection_args: Any
    ) -> Any:
        return self._stock.get_listener(loc, handle_comm, deserialize, **connection_args)

    def get_address_host(self, loc: str) -> str:
        return str(self._stock.get_address_host(loc))

    def get_address_host_port(self, loc: str) -> Any:
        return self._stock.get_address_host_port(loc)

    def resolve_address(self, loc: str) -> str:
        return str(self._stock.resolve_address(loc))

    def get_local_address_for(self, loc: str) -> str:
        return str(self._stock.get_local_address_for(loc))


class _OneOverTheRelay(Connector):
    def __init__(self, stock: Connector) -> None:
        self._stock = stock

    async def connect(self, address: str, deserialize: bool = True, **args: Any) -> Comm:
        # The arguments tell whose it is: a user's own security for this address brings no identity.
        if address == _LOCATION and "identity" in args:
            return await RelayConnector().connect(_SCHEDULER, deserialize, **args)
        return await self._stock.connect(address, deserialize, **args)
