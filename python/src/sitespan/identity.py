"""Who this process is: identity.json of docs/architecture.md, and the TLS that follows from it.

Standard library only and readable by Python 3.6, because a worker whose environment is wrong
must still be able to reach the keeper and say so: hence ``NamedTuple`` and quoted annotations.
"""

import functools
import json
import os
import re
import ssl
import stat
import tempfile
from typing import NamedTuple

ENVIRONMENT_VARIABLE = "SITESPAN_IDENTITY"
ROLES = ("keeper", "scheduler", "worker", "client", "joiner")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_KEY = re.compile(r"[0-9a-f]{64}\Z")


class IdentityError(ValueError):
    """An identity is missing, malformed, or readable by others."""


class Relay(NamedTuple):
    """Where the relay listens, and how its certificate is checked."""

    host: str
    port: int
    server_name: str
    ca: "str | None"
    """PEM of the CA; ``None`` where the system's trust is meant."""


class Credential(NamedTuple):
    """What the relay knows us by."""

    tenant: str
    cluster: str
    role: str
    subject: str
    expires: int
    """Unix seconds; 0 for never."""
    key: str
    """HMAC key, 64 hex digits."""

    def __repr__(self) -> str:
        """Name the credential, without its key: a log may show it."""
        return f"Credential({self.tenant}.{self.cluster}.{self.role}.{self.subject})"


class Tls(NamedTuple):
    """The cluster's CA, and our own certificate and key (absent for a joiner), all PEM."""

    ca: str
    cert: "str | None"
    key: "str | None"

    def __repr__(self) -> str:
        """Say only whether there is a key."""
        return "Tls(key={})".format("hidden" if self.key else None)


class Owner(NamedTuple):
    """Role and subject that a certificate names."""

    role: str
    subject: str


class Identity(NamedTuple):
    """One process's identity; immutable, and safe to print."""

    relay: Relay
    credential: Credential
    tls: Tls
    join_secret: "str | None" = None
    """A joiner's alone, 64 hex digits: what it shows the keeper, inside of TLS, with its token."""

    def __repr__(self) -> str:
        """Leave the join secret out: a log may show the rest."""
        return f"Identity({self.relay!r}, {self.credential!r}, {self.tls!r})"

    @staticmethod
    def parse(text: str) -> "Identity":
        """Read the JSON of identity.json.

        Raises
        ------
        IdentityError
            One sentence that names the field.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise IdentityError(f"The identity is not JSON: {error}.") from error
        root = _Fields(document, "")
        root.integer("version", 1, 1)
        relay, credential, tls = root.part("relay"), root.part("credential"), root.part("tls")
        role = credential.text("role")
        if role not in ROLES:
            raise IdentityError(f"The identity's credential.role is unknown: {role}.")
        return Identity(
            Relay(
                relay.text("host"),
                relay.integer("port", 1, 65535),
                relay.text("serverName"),
                relay.optional("ca"),
            ),
            Credential(
                credential.text("tenant", _NAME),
                credential.text("cluster", _NAME),
                role,
                credential.text("subject", _NAME),
                credential.integer("expires", 0, 1 << 53),
                credential.text("key", _KEY),
            ),
            Tls(tls.text("ca"), tls.optional("cert"), tls.optional("key")),
            root.optional("joinSecret"),
        )

    @staticmethod
    def load(path: str) -> "Identity":
        """Read identity.json at `path`; one that holds a key must be ours alone (0600).

        Raises
        ------
        IdentityError
            The file is missing, malformed or open to others.
        """
        try:
            with open(path, encoding="utf-8") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                text = file.read()
        except OSError as error:
            raise IdentityError(f"The identity {path} cannot be read: {error.strerror}.") from error
        identity = Identity.parse(text)
        if identity.tls.key is not None and mode & 0o077:
            raise IdentityError(
                f"The identity {path} holds a key but others may read it (mode {mode:o});"
                " set it to 600."
            )
        return identity

    @staticmethod
    def current() -> "Identity":
        """Return the identity of this process: as told by `use`, else from SITESPAN_IDENTITY.

        Raises
        ------
        IdentityError
            Neither was given, or the file is not usable.
        """
        if _process.identity is None:
            path = os.environ.get(ENVIRONMENT_VARIABLE)
            if not path:
                raise IdentityError(
                    f"This process has no Sitespan identity: {ENVIRONMENT_VARIABLE} is not set;"
                    " start it from a Sitespan cluster."
                )
            _process.identity = Identity.load(path)
        return _process.identity

    def to_json(self) -> "dict[str, object]":
        """Return the document that `parse` reads. It holds secrets: mode 0600, never a log."""
        relay = {
            "host": self.relay.host,
            "port": self.relay.port,
            "serverName": self.relay.server_name,
            "ca": self.relay.ca,
        }
        join = {} if self.join_secret is None else {"joinSecret": self.join_secret}
        return {
            **join,
            "version": 1,
            "relay": {name: value for name, value in relay.items() if value is not None},
            "credential": dict(self.credential._asdict()),
            "tls": {n: v for n, v in self.tls._asdict().items() if v is not None},
        }

    def relay_context(self) -> ssl.SSLContext:
        """Return the TLS of the hop to the relay; it checks the relay's name."""
        return _relay_context(self.relay.ca)

    def client_context(self) -> ssl.SSLContext:
        """Return the TLS inside a stream that we opened; the caller checks `owner_of` the peer."""
        return _peer_context(self.tls, False)

    def server_context(self) -> ssl.SSLContext:
        """Return the TLS inside a stream that we accepted; the peer must show a certificate."""
        return _peer_context(self.tls, True)


def use(identity: "Identity | None") -> None:
    """Make `identity` that of this process from now on; ``None`` forgets it."""
    _process.identity = identity


def owner_of(certificate: "dict[str, object] | None") -> Owner:
    """Return role (OU) and subject (CN) of a certificate as ``getpeercert()`` gives it.

    Raises
    ------
    IdentityError
        It names no role or subject, or more than one.
    """
    subject = (certificate or {}).get("subject", ())
    pairs = [pair for names in subject for pair in names]  # type: ignore[attr-defined]
    roles = [value for name, value in pairs if name == "organizationalUnitName"]
    subjects = [value for name, value in pairs if name == "commonName"]
    if len(roles) != 1 or len(subjects) != 1:
        raise IdentityError("A certificate was shown that names no single role and subject.")
    return Owner(roles[0], subjects[0])


class _Process:
    identity: "Identity | None" = None


_process = _Process()


class _Fields:
    """One JSON object of the identity; says the name of what is wrong in it."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise IdentityError("The identity's {} is not an object.".format(path or "document"))
        self._value = value
        self._path = path

    def part(self, name: str) -> "_Fields":
        return _Fields(self._value.get(name), self._path + name)

    def _wrong(self, name: str) -> IdentityError:
        path = self._path + "." + name if self._path else name
        return IdentityError(f"The identity's {path} is missing or malformed.")

    def text(self, name: str, pattern: "re.Pattern[str] | None" = None) -> str:
        value = self._value.get(name)
        if not isinstance(value, str) or not value or (pattern and not pattern.match(value)):
            raise self._wrong(name)
        return value

    def optional(self, name: str) -> "str | None":
        return None if self._value.get(name) is None else self.text(name)

    def integer(self, name: str, low: int, high: int) -> int:
        value = self._value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(name)
        return value


@functools.lru_cache(maxsize=16)
def _relay_context(ca: "str | None") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cadata=ca)
    return context


@functools.lru_cache(maxsize=16)
def _peer_context(tls: Tls, server: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    # The name is checked by us, in OU and CN, at both ends; TLS checks the CA.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=tls.ca)
    if tls.cert is not None and tls.key is not None:
        _load_chain(context, tls.cert, tls.key)
    return context


def _load_chain(context: ssl.SSLContext, cert: str, key: str) -> None:
    # OpenSSL's Python binding reads files only; mkstemp makes it 0600 from the first byte.
    handle, path = tempfile.mkstemp(prefix="sitespan-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(cert + "\n" + key)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
