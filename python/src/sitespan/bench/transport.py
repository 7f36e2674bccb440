"""The transports that are compared, each with what distributed needs for it."""

from __future__ import annotations

from enum import Enum

from distributed.security import Security

from sitespan.comm.security import RelaySecurity
from sitespan.identity import Identity


class Transport(str, Enum):
    """What carries Dask's messages: the relay, or distributed's own TCP without and with TLS."""

    RELAY = "relay"
    TCP = "tcp"
    TLS = "tls"

    def security(self) -> Security | None:
        """Return the security of this process's identity; the same certificate for all of them."""
        identity = Identity.current()
        if self is Transport.RELAY:
            return RelaySecurity(identity)
        if self is Transport.TCP:
            return None
        tls = identity.tls
        pairs = {f"tls_{role}_cert": tls.cert for role in ("client", "scheduler", "worker")} | {
            f"tls_{role}_key": tls.key for role in ("client", "scheduler", "worker")
        }
        return Security(tls_ca_file=tls.ca, require_encryption=True, **pairs)

    def listen_address(self, number: int) -> str:
        """Return where to listen; `number` is what the relay calls us, ports are free ones."""
        return f"relay://:{number}" if self is Transport.RELAY else f"{self.value}://127.0.0.1:0"
