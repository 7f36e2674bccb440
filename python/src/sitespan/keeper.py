"""A cluster's keeper, asked over its unix socket: what ``sitespan.Cluster`` stands on.

The calls are those of src/keeper/api.ts. How a cluster is made and its keeper started is known to
our program alone, which is run for it: ``sitespan ensure``.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sitespan import program
from sitespan.errors import SitespanError

_CALL_SECONDS = 60.0
_ENSURE_SECONDS = 150.0
_END_SECONDS = 90.0
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_REVIVALS = 3


class Keeper:
    """One cluster's keeper; it is started again where it has died.

    Attributes
    ----------
    name
        The cluster's.
    folder
        The cluster's.
    created
        Whether the cluster was made for us.
    place
        Where the workers of a first pool go that was wished for, as ``poolSpec`` has it: only when
        the cluster was made for us.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        socket_path: str,
        created: bool,
        place: Mapping[str, object],
    ) -> None:
        self.name = name
        self.folder = folder
        self.created = created
        self.place = place
        self._socket = socket_path

    @staticmethod
    def ensure(name: str, wish: Mapping[str, object]) -> Keeper:
        """Return the keeper of the cluster `name`, which is made as `wish` says if there is none.

        Raises
        ------
        SitespanError
            As our program said it.
        """
        answer = _ensure(name, wish)
        place = answer.get("pool", {})
        return Keeper(name, Path(answer["folder"]), answer["socket"], answer["created"], place)

    def call(self, path: str, body: Mapping[str, object]) -> Any:
        """Ask, e.g. ``call("/v1/cluster/state", {})``, and return the answer.

        What is asked must do no harm when it is asked twice: a keeper that dies while it answers
        is started again, and asked again.

        Raises
        ------
        SitespanError
            The keeper's own refusal, or why it cannot be reached.
        """
        for revivals in range(_REVIVALS + 1):
            try:
                return self._ask(path, body)
            except (OSError, http.client.HTTPException) as error:
                if revivals == _REVIVALS or isinstance(error, TimeoutError):
                    raise SitespanError(
                        "keeper-unreachable",
                        f"The keeper of the cluster {self.name} on this computer does not answer"
                        f" ({error or type(error).__name__}); its log is {self.folder}/keeper/log.",
                    ) from error
            self._revive()
        raise AssertionError("unreachable")

    def state(self) -> Any:
        """Return the cluster as it is now: ``clusterSnapshot`` of the API."""
        return self.call("/v1/cluster/state", {})

    def scheduler_address(self) -> str:
        """Return the scheduler's address when it listens.

        Raises
        ------
        SitespanError
            Why the cluster could not start.
        """
        until = time.monotonic() + _START_SECONDS
        while True:
            state = self.state()
            if state["phase"] == "working":
                return str(state["scheduler"]["address"])
            said = " ".join(each["message"] for each in state["problems"])
            if state["phase"] in ("failed", "closing") or time.monotonic() > until:
                raise SitespanError(
                    "cluster-start-failed",
                    f"The cluster {self.name} on this computer did not start:"
                    f" {said or 'its scheduler is not ready yet'}",
                )
            time.sleep(_LOOK_SECONDS)

    def shut_down(self) -> None:
        """End the cluster and wait until all of it has ended; one that has ended is left alone."""
        try:
            self.call("/v1/cluster/close", {})
        except SitespanError as error:
            if error.code == "cluster-unknown":
                return
            raise
        until = time.monotonic() + _END_SECONDS
        mark = self.folder / "keeper"
        while mark.is_dir() and not (mark / "exit").is_file():
            if time.monotonic() > until:
                raise SitespanError(
                    "deadline",
                    f"The cluster {self.name} on this computer has not ended within"
                    f" {_END_SECONDS:.0f} s; its keeper's log is {mark}/log.",
                )
            time.sleep(0.05)

    def log(self) -> str:
        """Return what the keeper has written of late; secrets never get there."""
        try:
            return (self.folder / "keeper" / "log").read_text("utf-8", "replace")
        except OSError:
            return ""

    def _revive(self) -> None:
        try:
            self._socket = _ensure(self.name, {"create": False})["socket"]
        except SitespanError as error:
            why = self._why_ended()
            if error.code == "cluster-unknown" and why is not None:
                raise SitespanError(
                    "cluster-unknown", f"The cluster {self.name} on this computer has ended: {why}"
                ) from error
            raise

    def _why_ended(self) -> str | None:
        """Return what the cluster's journal says of its end."""
        try:
            lines = (self.folder / "journal.jsonl").read_text("utf-8").splitlines()
            facts = [json.loads(line) for line in reversed(lines)]
        except (OSError, ValueError):
            return None
        return next((str(fact["why"]) for fact in facts if fact.get("is") == "closing"), None)

    def _ask(self, path: str, body: Mapping[str, object]) -> Any:
        connection = _UnixConnection(self._socket)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            said = json.loads(response.read())
        finally:
            connection.close()
        if response.status == http.client.OK:
            return said
        raise SitespanError(str(said["code"]), str(said["message"]))


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("keeper", timeout=_CALL_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_CALL_SECONDS)
        self.sock.connect(self._path)


def _ensure(name: str, wish: Mapping[str, object]) -> Any:
    line = program.command("ensure", "--", name)
    try:
        ran = subprocess.run(
            line,
            input=json.dumps(wish),
            capture_output=True,
            text=True,
            timeout=_ENSURE_SECONDS,
            env=program.environment(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SitespanError(
            "program-failed", f"{' '.join(line)} failed on this computer: {error}."
        ) from error
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        said = ran.stderr.strip().splitlines() or ["it said nothing"]
        raise SitespanError(
            "program-failed",
            f"{' '.join(line)} failed on this computer (exit code {ran.returncode}): {said[-1]}",
        ) from None
    if ran.returncode != 0:
        raise SitespanError(str(answer["code"]), str(answer["message"]))
    return answer
