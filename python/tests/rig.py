"""What many tests stand on: a real relay, a CA, identities, processes.

Importable by tests (pytest puts this folder on the path) and by processes that they start
(``PYTHONPATH=src:tests``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sitespan.identity import Credential, Identity, Relay, Tls

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "python" / "src"
_TENANT = "me"


def keyed(key: str, *lines: str) -> str:
    """HMAC-SHA256 of the lines under a hex key, hex: how docs/relay.md derives secrets."""
    return hmac.new(bytes.fromhex(key), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


class Authority:
    """A CA made with the openssl command: an opinion on certificates that is not ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key")
        self._openssl(
            *("req", "-x509", "-new", "-key", "ca.key", "-out", "ca.pem", "-days", "2"),
            *("-subj", "/O=sitespan/CN=test authority"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )
        self.certificate = (folder / "ca.pem").read_text()

    def issue(self, subject: str, role: str, name: str = "") -> tuple[str, str]:
        """PEM of a certificate (OU=role, CN=subject) and of its key."""
        stem = secrets.token_hex(4)
        key, request, extensions = f"{stem}.key", f"{stem}.csr", self._folder / f"{stem}.ext"
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        unit = f"/OU={role}" if role else ""
        self._openssl(
            "req", "-new", "-key", key, "-out", request, "-subj", f"/O=sitespan{unit}/CN={subject}"
        )
        lines = [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth,clientAuth",
            "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
        ]
        extensions.write_text("\n".join(lines + ([f"subjectAltName=DNS:{name}"] if name else [])))
        self._openssl(
            *("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"),
            *("-CAcreateserial", "-extfile", str(extensions), "-out", f"{stem}.pem"),
        )
        return (self._folder / f"{stem}.pem").read_text(), (self._folder / key).read_text()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self._folder, check=True, capture_output=True, timeout=30
        )


class RelayProcess:
    """The project's own relay, built by `node scripts/setup.mjs`; it can be killed."""

    server_name = "sitespan-relay"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = Authority(folder / "ca")
        self.user_key = secrets.token_hex(32)
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        cert, key = self.authority.issue("relay", "", self.server_name)
        self._write("cert.pem", cert)
        self._write("key.pem", key)
        self._write("tenants.json", json.dumps({"tenants": {_TENANT: self.user_key}}))

    @property
    def log(self) -> str:
        """What the relay said on stderr so far: one JSON object a line."""
        return (self._folder / "log").read_text()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; on the port it had before, if it had one."""
        files = ("--tenants", "tenants.json", "--cert", "cert.pem", "--key", "key.pem")
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [
                    "node",
                    str(PROJECT / "dist" / "cli.mjs"),
                    "relay",
                    "--listen",
                    f"127.0.0.1:{self.port}",
                    *files,
                ],
                cwd=self._folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("sitespan relay listening on "), line + self.log
        self.port = int(line.rpartition(":")[2])

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def _write(self, name: str, text: str) -> None:
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)


class RelayedCluster:
    """One cluster of the relay's tenant: its secret, its CA, and identities made from both."""

    def __init__(self, relay: RelayProcess, folder: Path) -> None:
        self.relay = relay
        self.id = f"test-{secrets.token_hex(3)}"
        self.folder = folder / self.id
        self.folder.mkdir(parents=True)
        self.secret = keyed(relay.user_key, "sitespan cluster", self.id)
        self.authority = Authority(self.folder / "ca")

    def identity(
        self, role: str, subject: str, *, owner: tuple[str, str] | None = None, lifetime: float = 0
    ) -> Identity:
        """An identity; `owner` puts another (role, subject) into its certificate.

        `lifetime` in seconds, 0 for never; a joiner gets no certificate.
        """
        expires = int(time.time() + lifetime) if lifetime else 0
        key = keyed(self.secret, "sitespan credential", role, subject, str(expires))
        cert_role, cert_subject = owner or (role, subject)
        issued = (None, None) if role == "joiner" else self.authority.issue(cert_subject, cert_role)
        return Identity(
            Relay("127.0.0.1", self.relay.port, RelayProcess.server_name, self._relay_ca),
            Credential(_TENANT, self.id, role, subject, expires, key),
            Tls(self.authority.certificate, *issued),
        )

    def save(self, identity: Identity) -> Path:
        """Write identity.json (0600) for a process of its own, and return its path."""
        path = self.folder / f"{identity.credential.subject}.json"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(identity.to_json(), file)
        return path

    @property
    def _relay_ca(self) -> str:
        return self.relay.authority.certificate


def environment(identity: Path | None = None) -> dict[str, str]:
    """The environment of a process that a test starts: our sources, this folder, an identity."""
    path = os.pathsep.join([str(SOURCE), str(Path(__file__).parent)])
    given = {} if identity is None else {"SITESPAN_IDENTITY": str(identity)}
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **given}


def printed_by(code: str) -> str:
    """What `code` prints in a Python process of its own, which must end well within a minute."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout.strip()


@contextmanager
def process(*arguments: str, identity: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python process of this environment with its stdout piped; killed at the end."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(identity),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait(10)
        assert child.stdout is not None
        child.stdout.close()


def through(identity: Identity, port: int) -> Identity:
    """The same identity, but its way to the relay leads through 127.0.0.1:`port`."""
    return identity._replace(relay=identity.relay._replace(port=port))


def register_backend() -> None:
    """Make distributed know ``relay://`` without an installed entry point."""
    from distributed.comm.registry import backends

    from sitespan.comm.backend import RelayBackend

    backends["relay"] = RelayBackend()
