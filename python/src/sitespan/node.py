"""What a job finds on its node, beside Python: cores, memory, GPUs, disk, and how long it may run.

Standard library only and no syntax younger than Python 3.6, as what runs before enrolment. What
cannot be found out is left out. Shape: docs/architecture.md, "Enrolment".
"""

import glob
import os
import shutil
import subprocess
import time
from typing import Any, Mapping  # noqa: UP035 - Python 3.6

MB = 1000 * 1000
# cgroups say "no limit" with a word, or with a number beyond any machine.
NO_LIMIT = 1 << 60


def find_node(
    environ: "Mapping[str, str]" = os.environ, folder: str = ".", root: str = "/"
) -> "dict[str, Any]":
    """Describe this node as far as it tells.

    Parameters
    ----------
    environ
        The job's environment, in which batch systems say when it ends.
    folder
        Where the worker will spill to disk.
    root
        The node's file system.

    Returns
    -------
    dict
        Of ``cores``, ``memoryMb``, ``gpus`` (names), ``diskFreeMb`` and ``walltimeLeftSeconds``
        those that are known; ``gpus`` is always there.
    """
    found = {
        "cores": cores(root),
        "memoryMb": memory_mb(root),
        "gpus": gpus(root),
        "diskFreeMb": disk_free_mb(folder),
        "walltimeLeftSeconds": walltime_left(environ),
    }
    return {name: value for name, value in found.items() if value is not None}


def cores(root: str = "/") -> "int | None":
    """Return how many cores this job may use: its affinity, and its cgroup's share of time."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        allowed = os.cpu_count() or 0
    quota = _cpu_quota(root)
    if quota is not None:
        allowed = min(allowed, max(1, round(quota)))
    return allowed or None


def memory_mb(root: str = "/") -> "int | None":
    """Return the memory this job may use in MB: the node's, or its cgroup's limit."""
    limits = []
    for line in _text(root, "proc/meminfo").splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "MemTotal:" and words[1].isdigit():
            limits.append(int(words[1]) * 1024)
    for path in _cgroup_files(root, "memory", "memory.max", "memory.limit_in_bytes"):
        text = _text(root, path).strip()
        if text.isdigit() and int(text) < NO_LIMIT:
            limits.append(int(text))
    return min(limits) // MB if limits else None


def gpus(root: str = "/") -> "list[str]":
    """Return the names of the GPUs that NVIDIA's driver shows; none is usual."""
    program = shutil.which("nvidia-smi")
    if program is not None:
        try:
            said = subprocess.check_output(
                [program, "--query-gpu=name", "--format=csv,noheader"],
                stderr=subprocess.DEVNULL,
                timeout=20,
            )
            names = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
            return [name for name in names if name]
        except (OSError, subprocess.SubprocessError):
            pass
    return [
        os.path.basename(path)
        for path in sorted(glob.glob(os.path.join(glob.escape(root), "dev", "nvidia[0-9]*")))
    ]


def disk_free_mb(folder: str = ".") -> "int | None":
    """Return the disk space that is free for this job's files, in MB."""
    try:
        return shutil.disk_usage(folder).free // MB
    except OSError:
        return None


def walltime_left(environ: "Mapping[str, str]", now: "float | None" = None) -> "int | None":
    """Return the seconds until the first of the ends that this job has been told of.

    The local grid and Slurm say it in the environment; other sites in files of the HEP Software
    Foundation's machine and job features, which pilots of DIRAC read, too.
    """
    now = time.time() if now is None else now
    ends = []
    for variable in ("SITESPAN_JOB_ENDS", "SLURM_JOB_END_TIME"):
        ends.append(_number(environ.get(variable, "")))
    job, machine = environ.get("JOBFEATURES"), environ.get("MACHINEFEATURES")
    if job:
        limit = _number(_text(job, "wall_limit_secs"))
        start = _number(_text(job, "jobstart_secs"))
        if limit is not None and start is not None:
            ends.append(start + limit)
        ends.append(_number(_text(job, "shutdowntime_job")))
    if machine:
        ends.append(_number(_text(machine, "shutdowntime")))
    known = [end for end in ends if end is not None]
    return max(0, int(min(known) - now)) if known else None


def _cpu_quota(root: str) -> "float | None":
    shares = []
    for path in _cgroup_files(root, "cpu", "cpu.max", "cpu.cfs_quota_us"):
        words = _text(root, path).split()
        if path.endswith("cpu.cfs_quota_us"):
            words += _text(root, path.replace("quota", "period")).split()
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]) > 0:
            shares.append(int(words[0]) / int(words[1]))
    return min(shares) if shares else None


def _cgroup_files(root: str, controller: str, unified: str, older: str) -> "list[str]":
    """Return where the limits of this process and of all above it may be, in both versions."""
    files = []
    for line in _text(root, "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            base, name = "sys/fs/cgroup", unified
        elif controller in controllers.split(","):
            base, name = "sys/fs/cgroup/" + controller, older
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts) + 1):
            files.append("/".join([base, *parts[:depth], name]))
    return files


def _text(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read(100_000)
    except OSError:
        return ""


def _number(text: str) -> "float | None":
    try:
        return float(text)
    except ValueError:
        return None
