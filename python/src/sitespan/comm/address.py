"""``relay://<subject>:<number>``: an address names its owner; neither part is ever looked up."""

from __future__ import annotations

import itertools

from distributed.comm.addressing import parse_host_port

from sitespan.identity import Identity, Owner

PREFIX = "relay://"
_MAX_NUMBER = 65535
_serial = itertools.count()


def owner(location: str) -> Owner:
    """Return role and subject of the listener at `location` (no scheme)."""
    subject = parse_host_port(location)[0]
    return Owner(subject if subject in ("scheduler", "keeper") else "worker", subject)


def new_origin(identity: Identity) -> str:
    """Return ``<our subject>:<number>`` for a stream we open: logs tell streams apart by it."""
    return f"{identity.credential.subject}:{next(_serial) % _MAX_NUMBER + 1}"
