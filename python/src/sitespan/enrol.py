"""Enrolment: a job shows its join token to the keeper and becomes a worker with an identity of its own.

Standard library only and no syntax younger than Python 3.6: a job with the wrong Python must still be
able to say so to the keeper. Protocol: docs/architecture.md, "Enrolment"; trust: docs/security.md.
"""

import http.client
import json
import os
import random
import socket
import ssl
import time
from typing import Any, Callable, Dict, Mapping  # noqa: UP035 - Python 3.6

LIMIT_SECONDS = 600.0
ATTEMPT_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
ANSWER_BYTES = 1 << 20
KEEPER = "keeper:1"
GRID_JOB_VARIABLES = ("SITESPAN_JOB", "DIRACJOBID", "JOBID")
ANSWER_FIELDS = {
    "identity": dict,
    "scheduler": str,
    "name": str,
    "nthreads": int,
    "memoryBytes": int,
    "resources": dict,
    "deathTimeoutSeconds": (int, float),
    "lifetimeSeconds": (int, float),
}  # type: Dict[str, Any]

Json = Dict[str, Any]
Dial = Callable[[Mapping[str, Any], str, float], socket.socket]


class EnrolmentRefused(Exception):
    """The keeper, or the relay, said no for good; ``code`` is the stable one of docs/architecture.md."""

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


def dial_relay(join: Mapping[str, Any], to: str, timeout: float) -> socket.socket:
    """Open a stream to ``to`` at the relay that ``join`` names; nothing but our own comm is loaded."""
    from sitespan.comm.blocking import dial_blocking

    return dial_blocking(join, to, timeout)


def enrol(
    join: Mapping[str, Any],
    environment: Mapping[str, Any],
    job: str,
    limit_seconds: float = LIMIT_SECONDS,
    dial: Dial = dial_relay,
    say: Callable[[str], None] = print,
) -> Json:
    """Ask the keeper for an identity, again and again with growing pauses until the limit.

    Parameters
    ----------
    join
        The content of ``join.json``: an identity of the role joiner.
    environment
        What :func:`sitespan.environment.describe` found here.
    job
        The grid's id of this job.
    limit_seconds
        How long to try; a keeper that is being restarted then loses no worker.
    dial
        Opens a stream to an id at the relay.
    say
        Takes one sentence for the job's log.

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
    credential = join["credential"]
    if credential["expires"] and time.time() > credential["expires"] + 60:
        raise EnrolmentRefused(
            "token-expired",
            "This job's join token expired before the job started; the cluster no longer wants it.",
        )
    request = json.dumps(
        {
            "token": credential["subject"],
            "job": job,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "environment": environment,
        }
    ).encode("utf-8")
    deadline = time.monotonic() + limit_seconds
    ceiling = 1.0
    while True:
        timeout = max(1.0, min(ATTEMPT_SECONDS, deadline - time.monotonic()))
        try:
            return _ask(join, request, timeout, dial)
        except _NotYet as reason:
            # Full jitter: a thousand jobs that start together must not come back together.
            pause = min(random.uniform(0.05, ceiling), max(0.0, deadline - time.monotonic()))
            ceiling = min(2 * ceiling, LONGEST_PAUSE_SECONDS)
            if time.monotonic() + pause >= deadline:
                raise KeeperUnreachable(
                    "The cluster's keeper gave this job no place within {:.0f} s: {}.".format(
                        limit_seconds, reason
                    )
                ) from reason
            say("The keeper has no place for this job yet ({}); trying again.".format(reason))
            time.sleep(pause)


def _ask(join: Mapping[str, Any], request: bytes, timeout: float, dial: Dial) -> Json:
    relay = "{}:{}".format(join["relay"]["host"], join["relay"]["port"])
    try:
        stream = dial(join, KEEPER, timeout)
    except Exception as error:
        code = getattr(error, "code", None)
        # An unknown target is a keeper that is being restarted; of the rest only these cannot mend.
        if code in ("bad-request", "role-not-allowed", "not-your-name", "revoked"):
            raise EnrolmentRefused(
                str(code), "The relay at {} refused this job: {}.".format(relay, error)
            ) from error
        raise _NotYet("the relay at {} did not connect us: {}".format(relay, error)) from error
    try:
        stream.settimeout(timeout)
        with _trusted(join["tls"]["ca"]).wrap_socket(stream) as tls:
            _check_keeper(tls)
            return _answer(tls, request)
    except ssl.SSLError as error:
        raise _NotYet("TLS with the keeper failed: {}".format(error)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _NotYet("the keeper's answer broke off: {!r}".format(error)) from error
    finally:
        stream.close()


def _trusted(ca: str) -> ssl.SSLContext:
    """Trust the cluster's own CA and nothing else; names are checked by role, not by host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ca)
    return context


def _check_keeper(tls: ssl.SSLSocket) -> None:
    certificate = tls.getpeercert() or {}
    subject = [part for rdn in certificate.get("subject", ()) for part in rdn]  # type: Any
    if ("organizationalUnitName", "keeper") not in subject:
        raise EnrolmentRefused(
            "not-the-keeper",
            "Whoever answers for the keeper has no keeper's certificate; the token was not shown.",
        )


def _answer(tls: ssl.SSLSocket, request: bytes) -> Json:
    connection = http.client.HTTPConnection("keeper")
    connection.sock = tls
    connection.request(
        "POST", "/v1/enrol", request, {"Content-Type": "application/json", "Connection": "close"}
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
                    "bad-answer", "The keeper's answer has no usable '{}'.".format(field)
                )
        return answer
    if response.status in (403, 409):
        code = str(answer.get("code", "refused"))
        raise EnrolmentRefused(code, str(answer.get("message") or "The keeper refused: " + code))
    raise _NotYet("the keeper says {} {}".format(response.status, answer.get("code", "")).strip())
