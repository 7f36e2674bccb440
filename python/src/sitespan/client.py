"""What a notebook's ``Client()`` needs to find the cluster: its security loader."""

from __future__ import annotations

from typing import Any

from sitespan import coffea_casa
from sitespan.comm.address import PREFIX
from sitespan.comm.security import RelaySecurity
from sitespan.identity import Identity


def security(info: dict[str, Any]) -> RelaySecurity | None:
    """Return our security for ``relay://`` addresses, and None for all others.

    And for coffea-casa's address, where that was switched on (`sitespan.coffea_casa`).

    Named by ``distributed.client.security-loader``; so the user's own ``LocalCluster`` goes on
    working in the same kernel.

    Raises
    ------
    IdentityError
        The address is ours but this process has no identity.
    """
    address = info.get("address")
    if not isinstance(address, str):
        return None
    if coffea_casa.is_ours(address):
        coffea_casa.redirect()
    elif not address.startswith(PREFIX):
        return None
    return RelaySecurity(Identity.current())
