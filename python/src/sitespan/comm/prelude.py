"""The prelude: the signed request by which every connection to the relay begins (docs/relay.md).

Standard library only, and readable by Python 3.6 (see identity.py).
"""

import hashlib
import hmac
import secrets
import time
from typing import NamedTuple

from sitespan.identity import Credential

MAX_ANSWER_BYTES = 16384
_CORRECT_FROM_MS = 60000
_FINAL = frozenset(
    ("bad-request", "role-not-allowed", "not-your-name", "revoked", "ticket-unknown", "id-in-use")
)
_SAID = {
    "bad-request": "it finds the request malformed",
    "role-not-allowed": "this role may not do that",
    "not-your-name": "the name is not that of our credential",
    "revoked": "the keeper has revoked us",
    "unknown-target": "nobody is registered there under that name",
    "ticket-unknown": "it does not know the ticket; it may have expired",
    "id-in-use": "that name is in use by another process",
    "limit": "it is at one of its limits; try again later",
    "target-refused": "the target refused",
    "target-silent": "the target did not dial back in time",
    "stranger": "it does not know our credential (its log says why; it may have expired)",
}


class Refused(OSError):
    """The relay said no.

    Attributes
    ----------
    code : str
        As in docs/relay.md, or ``stranger`` for the answer that tells a stranger nothing.
    final : bool
        Whether asking again is pointless. ``unknown-target`` is final only on ``again=1``.
    relay_ms : int or None
        The relay's clock, Unix milliseconds, told to strangers.
    """

    def __init__(self, code: str, target: str, relay_ms: "int | None" = None) -> None:
        place = target.partition("?")[0]
        super().__init__(
            "The relay refused {} ({}): {}.".format(place, code, _SAID.get(code, "no reason known"))
        )
        self.code = code
        self.final = code in _FINAL or code == "stranger"
        self.relay_ms = relay_ms


class Clock:
    """Our clock, corrected by the relay's when they are far apart."""

    def __init__(self) -> None:
        self._offset_ms = 0

    def now_ms(self) -> int:
        """Return Unix milliseconds as the relay would say them, within a minute."""
        return int(time.time() * 1000) + self._offset_ms

    def correct(self, relay_ms: "int | None") -> bool:
        """Go by the relay's clock if it is over a minute from ours; say whether that was so."""
        if relay_ms is None:
            return False
        difference = relay_ms - self.now_ms()
        if abs(difference) <= _CORRECT_FROM_MS:
            return False
        self._offset_ms += difference
        return True


clock = Clock()


class Answer(NamedTuple):
    """The head of the relay's answer; header names in lower case."""

    status: int
    headers: "dict[str, str]"

    @staticmethod
    def parse(head: bytes) -> "Answer":
        """Read a head that ends in a blank line; raises ValueError for what is not HTTP."""
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise ValueError("The relay's port answered something that is not HTTP.")
        headers = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        return Answer(int(words[1]), headers)

    def accepted(self, target: str) -> "dict[str, str]":
        """Return the headers of a 101; raises `Refused` for every other answer."""
        if self.status == 101:
            return self.headers
        time_ms = self.headers.get("sitespan-time", "")
        code = self.headers.get("sitespan-refusal", "stranger")
        raise Refused(code, target, int(time_ms) if time_ms.isdigit() else None)


def control_target(listener: str) -> str:
    """Return the target that registers `listener` (``<host>:<number>``, 0 for any number)."""
    return "/v1/control?id=" + listener


def connect_target(to: str, origin: str, again: bool = False) -> str:
    """Return the target that opens a stream from `origin` to `to`, both ``<host>:<number>``."""
    return "/v1/connect?to={}&from={}{}".format(to, origin, "&again=1" if again else "")


ACCEPT_TARGET = "/v1/accept"


def build(
    credential: Credential,
    target: str,
    secret: str = "",
    ms: "int | None" = None,
    nonce: "str | None" = None,
) -> bytes:
    """Return the whole prelude for `target`, signed; `secret` is a ticket or cookie.

    `ms` and `nonce` are given only by tests of the golden bytes: a prelude is good once.
    """
    stamp = str(clock.now_ms() if ms is None else ms)
    nonce = secrets.token_hex(16) if nonce is None else nonce
    signed = "\n".join((target, secret, stamp, nonce)).encode()
    mac = hmac.new(bytes.fromhex(credential.key), signed, hashlib.sha256).hexdigest()
    auth = ".".join(
        (
            credential.tenant,
            credential.cluster,
            credential.role,
            credential.subject,
            str(credential.expires),
            stamp,
            nonce,
            mac,
        )
    )
    lines = [
        f"GET {target} HTTP/1.1",
        "Host: relay",
        "Connection: Upgrade",
        "Upgrade: sitespan-relay/1",
        "Sitespan-Auth: " + auth,
    ]
    if secret:
        lines.append("Sitespan-Secret: " + secret)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
