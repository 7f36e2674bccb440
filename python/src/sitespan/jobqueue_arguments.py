"""Arguments of dask-jobqueue's and dask-dirac's clusters that are not ours: what becomes of each.

Some are about what is not there any more, ports above all: these do no harm, and their writer is
told so. Some ask for what cannot be had so: these are refused, with what to do instead.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from sitespan.errors import SitespanError

_PORTS = "scheduler and workers both dial out to the relay, so no port need be open or chosen"

#: Why they do nothing.
UNNEEDED = {
    "scheduler_options": _PORTS,
    "interface": _PORTS,
    "host": _PORTS,
    "protocol": "what passes the relay is in TLS, from one end to the other",
    "security": "each worker gets a certificate of its own, from the cluster's own authority",
    "nanny": "the cluster's keeper watches the workers' jobs, and replaces those that are lost",
    "death_timeout": "a worker that has lost its scheduler ends by itself, after two minutes",
    "local_directory": "a worker's files lie in the folder of its job",
    "shared_temp_directory": "no files are shared with the nodes",
    "log_directory": "get_logs() has what each worker has written",
    "jdl_file": "a job's description goes to DIRAC and to no file",
    "config_name": "Dask-jobqueue's configuration is not read",
    "header_skip": "there is no script that a batch system reads",
    "job_directives_skip": "there is no script that a batch system reads",
    "shebang": "there is no script that a batch system reads",
    "job_name": "jobs are named after their cluster, by which they are found again",
    "dashboard_address": "dashboard_link is an address that opens here, once",
    "silence_logs": "the scheduler is another process; get_logs() has what it has written",
}

_OWN_CLASSES = "scheduler and workers are Sitespan's own; leave it out"
_DESCRIPTION = (
    "no line of one's own goes into a job's description; say what is needed with cores=, walltime="
    " and dirac_sites="
)
_SCRIPT = (
    "lines of a shell are not sent to the nodes; put them into a set-up script that the nodes can"
    " read, as on CVMFS, and give environment='script:/path/of/it.sh'"
)
_NO_COMMAND = "DIRAC is called without a command; give submission_url=, user_proxy= and cert_path="

#: What to do instead.
INSTEAD = {
    "require_gpu": (
        "pools of nodes with a GPU are not there yet; leave it out, and name sites whose nodes"
        " all have one with dirac_sites="
    ),
    "env_extra": _SCRIPT,
    "job_script_prologue": _SCRIPT,
    "job_extra": _DESCRIPTION,
    "jobextra": _DESCRIPTION,
    "job_extra_directives": _DESCRIPTION,
    "submit_command_extra": _NO_COMMAND,
    "cancel_command_extra": _NO_COMMAND,
    "scheduler_cls": _OWN_CLASSES,
    "worker_cls": _OWN_CLASSES,
    "worker_command": _OWN_CLASSES,
    "job_cls": _OWN_CLASSES,
}

_ADDRESS_OPTIONS = {
    *("--worker-port", "--nanny-port", "--listen-address", "--contact-address", "--host"),
    *("--interface", "--protocol", "--dashboard-address", "--dashboard", "--no-dashboard"),
    *("--nanny", "--no-nanny", "--death-timeout", "--local-directory"),
}
_WORKER_OPTIONS = ("extra", "worker_extra_args")


def take_up(others: Mapping[str, Any], of: str) -> list[str]:
    """Return a sentence for each argument that does nothing; one that is off or empty is fine.

    Parameters
    ----------
    others
        Arguments by name.
    of
        Who was given them, for sentences.

    Raises
    ------
    SitespanError
        ``argument-unusable``, with what to do instead.
    TypeError
        Nobody has such an argument.
    """
    vain = []
    for name, value in others.items():
        if name in UNNEEDED:
            if value is not None:
                vain.append(_vain(of, name, UNNEEDED[name]))
        elif name in INSTEAD:
            if value:
                raise _refusal(of, name, INSTEAD[name])
        elif name == "processes":
            _take_processes(value, of)
        elif name in _WORKER_OPTIONS:
            if value:
                _take_worker_options(name, value, of)
                vain.append(_vain(of, name, _PORTS))
        else:
            raise TypeError(f"{of}() got an unexpected keyword argument {name!r}")
    return vain


def threads_of(cores: int | None, nthreads: int | None, of: str) -> int:
    """Return the cores of a worker, which has a thread for each.

    Raises
    ------
    SitespanError
        ``argument-unusable`` where the two differ.
    """
    if nthreads is None or cores is None or cores == nthreads:
        return cores or nthreads or 1
    raise _refusal(
        of,
        "nthreads",
        "a worker has one thread for each of its cores; give cores= alone, and more jobs where"
        " each shall have fewer threads",
    )


def _take_processes(value: object, of: str) -> None:
    if value in (None, 1):
        return
    raise _refusal(
        of,
        "processes",
        f"a job is one worker; leave it out, divide cores= and memory= by {value}, and have so"
        " many times more jobs",
    )


def _take_worker_options(name: str, value: str | Iterable[str], of: str) -> None:
    words = shlex.split(value if isinstance(value, str) else " ".join(map(str, value)))
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    if not options <= _ADDRESS_OPTIONS:
        raise _refusal(
            of,
            name,
            "a worker's command cannot be added to; in the place of --resources give resources=, of"
            " --lifetime walltime=, of --nthreads cores=, of --memory-limit memory=",
        )


def _vain(of: str, name: str, why: str) -> str:
    return f"{of} does without {name}=: {why}."


def _refusal(of: str, name: str, instead: str) -> SitespanError:
    return SitespanError("argument-unusable", f"{of} cannot do {name}=: {instead}.")
