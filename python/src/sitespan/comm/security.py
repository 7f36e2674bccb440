"""distributed's ``Security``, made from an identity."""

from __future__ import annotations

from html import escape
from typing import Any

from distributed.security import Security

from sitespan.identity import Identity


class RelaySecurity(Security):
    """Makes whoever is given it speak as `identity`, whatever the identity of the process is.

    The comm takes its TLS from the identity alone, so there is nothing to configure: no role of
    distributed's own, no files, and no way to leave encryption out.
    """

    __slots__ = ("identity",)

    def __init__(self, identity: Identity) -> None:
        super().__init__(require_encryption=True)
        self.identity = identity

    def get_connection_args(self, role: str) -> dict[str, Any]:
        """Return what the connector needs."""
        return {"identity": self.identity, "require_encryption": True}

    def get_listen_args(self, role: str) -> dict[str, Any]:
        """Return what the listener needs."""
        return {"identity": self.identity, "require_encryption": True}

    def __repr__(self) -> str:
        """Say as whom it speaks, and no more: a notebook may show it."""
        credential = self.identity.credential
        return f"RelaySecurity({credential.role} {credential.subject})"

    def _repr_html_(self) -> str:
        return escape(repr(self))

    def __reduce__(self) -> Any:
        raise TypeError("A RelaySecurity holds a key and does not travel.")
