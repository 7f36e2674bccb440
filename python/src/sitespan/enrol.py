"""Enrolment: a job shows its join token to the keeper and gets a worker's identity of its own.

Standard library only and no syntax younger than Python 3.6: a job with the wrong Python must still
be able to say so to the keeper. Protocol: docs/architecture.md, "Enrolment".
"""

import http.client
import json
import os
import random
import socket
import ssl
import time
from typing import Any, Callable, Mapping  # noqa: UP035 - Python 3.6

from sitespan.comm.dial_blocking import dial_blocking
from sitespan.comm.prelude import Refused, connect_target
from sitespan.identity import Identity, IdentityError, owner_of

LIMIT_SECONDS = 600.0
ATTEMPT_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
CLOCK_SECONDS = 60
ANSWER_BYTES = 1 << 20
KEEPER = "keeper:1"
GRID_JOB_VARIABLES = ("SITESPAN_JOB", "DIRACJOBID", "JOBID")
ANSWER_FIELDS: "dict[str, Any]" = {
    "identity": dict,
    "scheduler": str,
    "name": str,
    "nthreads": int,
    "memoryBytes": int,
    "resources": dict,
    "deathTimeoutSeconds": (int, float),
    "lifetimeSeconds": (int, float),
}

Dial = Callable[[Identity, float], socket.socket]
# What no later attempt can mend. A stranger's answer is not among them: a relay that is just being
# set up says it too.
FINAL = ("bad-request", "role-not-allowed", "not-your-name", "revoked")


class EnrolmentRefused(Exception):
    """The keeper or the relay said no for good; ``code`` is stable (docs/architecture.md)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class KeeperUnreachable(Exception):
    """Nobody answered, or only "not yet", until the limit."""


class _NotYet(Exception):
    """An attempt failed in a way that a later one may not."""


def grid_job(environ: Mapping[str, str]) -> str:
    """Return the grid's own id of this job, or an empty string outside of any job."""
    for variable in GRID_JOB_VARIABLES:
        if environ.get(variable):
            return environ[variable]
    return ""


def dial_keeper(join: Identity, timeout: float) -> socket.socket:
    """Open a stream to the keeper at the relay; the next byte on it is the keeper's."""
    target = connect_target(KEEPER, join.credential.subject + ":1", again=True)
    stream, _headers = dial_blocking(join, target, timeout=timeout)
    return stream


def enrol(
    join: Identity,
    environment: Mapping[str, Any],
    job: str,
    limit_seconds: float = LIMIT_SECONDS,
    dial: Dial = dial_keeper,
    say: Callable[[str], None] = print,
    node: "Mapping[str, Any] | None" = None,
) -> "dict[str, Any]":
    """Ask the keeper for an identity, again and again with growing pauses until the limit.

    Parameters
    ----------
    join
        The identity in ``join.json``, of the role joiner.
    environment
        What :func:`sitespan.environment.describe` found here.
    job
        The grid's id of this job.
    limit_seconds
        How long to try; a keeper that is being restarted then loses no worker.
    dial
        Opens a stream to the keeper.
    say
        Takes one sentence for the job's log.
    node
        What :func:`sitespan.node.find_node` found here.

    Returns
    -------
    dict
        The keeper's answer: ``identity``, ``scheduler``, ``name``, ``nthreads``, ``memoryBytes``,
        ``resources``, ``deathTimeoutSeconds``, ``lifetimeSeconds``.

    Raises
    ------
    EnrolmentRefused
        The keeper refused, e.g. because the environments differ or the token has expired.
    KeeperUnreachable
        There was no answer before the limit.
    """
    credential = join.credential
    if credential.expires and time.time() > credential.expires + CLOCK_SECONDS:
        raise EnrolmentRefused(
            "token-expired",
            "This job's join token expired before the job started; the cluster no longer wants it.",
        )
    request = {
        "token": credential.subject,
        "secret": join.join_secret or "",
        "job": job,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "environment": environment,
    }
    deadline = time.monotonic() + limit_seconds
    ceiling = 1.0
    while True:
        timeout = max(1.0, min(ATTEMPT_SECONDS, deadline - time.monotonic()))
        try:
            return _ask(join, {**request, "node": node or {}}, timeout, dial)
        except _NotYet as reason:
            # Full jitter: a thousand jobs that start together must not come back together.
            pause = min(random.uniform(0.05, ceiling), max(0.0, deadline - time.monotonic()))
            ceiling = min(2 * ceiling, LONGEST_PAUSE_SECONDS)
            if time.monotonic() + pause >= deadline:
                raise KeeperUnreachable(
                    f"The keeper gave this job no place within {limit_seconds:.0f} s: {reason}."
                ) from reason
            say(f"The keeper has no place for this job yet ({reason}); trying again.")
            time.sleep(pause)


def _ask(join: Identity, request: "dict[str, Any]", timeout: float, dial: Dial) -> "dict[str, Any]":
    relay = f"{join.relay.host}:{join.relay.port}"
    try:
        stream = dial(join, timeout)
    except Refused as error:
        if error.code in FINAL:
            raise EnrolmentRefused(error.code, str(error)) from error
        raise _NotYet(str(error).rstrip(".")) from error
    except (OSError, ValueError) as error:
        raise _NotYet(f"the relay at {relay} cannot be reached: {error}") from error
    try:
        stream.settimeout(timeout)
        with join.client_context().wrap_socket(stream) as tls:
            _check_keeper(tls)
            return _answer(tls, request)
    except ssl.SSLError as error:
        raise _NotYet(f"TLS with the keeper failed: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _NotYet(f"the keeper's answer broke off: {error!r}") from error
    finally:
        stream.close()


def _check_keeper(tls: ssl.SSLSocket) -> None:
    try:
        role = owner_of(tls.getpeercert()).role  # type: ignore[arg-type]
    except IdentityError:
        role = ""
    if role != "keeper":
        raise EnrolmentRefused(
            "not-the-keeper",
            "Whoever answers for the keeper has no keeper's certificate; it was shown no token.",
        )


def _answer(tls: ssl.SSLSocket, request: "dict[str, Any]") -> "dict[str, Any]":
    # Our clock as it is now, since the keeper compares it with its own.
    body = {**request, "node": {**request["node"], "time": time.time()}}
    connection = http.client.HTTPConnection("keeper")
    connection.sock = tls
    connection.request(
        "POST",
        "/v1/enrol",
        json.dumps(body).encode("utf-8"),
        {"Content-Type": "application/json", "Connection": "close"},
    )
    response = connection.getresponse()
    text = response.read(ANSWER_BYTES)
    try:
        answer = json.loads(text.decode("utf-8"))
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if response.status == 200:
        for field, kind in ANSWER_FIELDS.items():
            if not isinstance(answer.get(field), kind):
                raise EnrolmentRefused(
                    "bad-answer", f"The keeper's answer has no usable '{field}'."
                )
        return answer
    if response.status in (403, 409):
        code = str(answer.get("code", "refused"))
        raise EnrolmentRefused(code, str(answer.get("message") or "The keeper refused: " + code))
    raise _NotYet("the keeper says {} {}".format(response.status, answer.get("code", "")).strip())
