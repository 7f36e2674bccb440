"""What a pool's workers are like, in the words that Dask's users know."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dask.utils import parse_bytes, parse_timedelta

from sitespan.errors import SitespanError

#: As batch systems write it: days, hours, minutes, seconds.
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):(\d\d):(\d\d)")


@dataclass(frozen=True)
class Pool:
    """Workers of one kind. What is None is left to the keeper, or to the cluster.

    Attributes
    ----------
    sites
        Names of the grid's sites; the workers are spread over them.
    grid
        ``local`` (this computer), or another that the cluster knows.
    cores
        Of each worker.
    memory
        Of each worker, ``"4 GiB"`` or bytes.
    walltime
        How long a worker may live, ``"12h"``, ``"12:00:00"`` or seconds.
    python
        The interpreter, as the sites' nodes see it.
    resources
        Dask resources of each worker, ``{"GPU": 1}``.
    """

    sites: Sequence[str] | None = None
    grid: str | None = None
    cores: int | None = None
    memory: str | int | None = None
    walltime: str | float | None = None
    python: str | None = None
    resources: Mapping[str, float] | None = None

    def request(self, name: str, local_sites: Sequence[str]) -> dict[str, object]:
        """Return the keeper's ``poolSpec``; `local_sites` where no sites were chosen."""
        wish = {
            "name": name,
            "grid": self.grid,
            "sites": list(self.sites or local_sites),
            "cores": self.cores,
            "memoryMb": None if self.memory is None else -(-bytes_of(self.memory) // 10**6),
            "walltimeSeconds": None if self.walltime is None else _seconds_of(self.walltime),
            "python": self.python or sys.executable,
            "resources": None if self.resources is None else dict(self.resources),
        }
        return {key: value for key, value in wish.items() if value is not None}


def bytes_of(memory: str | int) -> int:
    """Return the bytes of ``"4 GiB"``.

    Raises
    ------
    SitespanError
        ``argument-unusable``.
    """
    try:
        return int(parse_bytes(memory))
    except ValueError:
        sentence = f"The memory {memory!r} is not understood; write it as '4 GiB' or in bytes."
        raise SitespanError("argument-unusable", sentence) from None


def _seconds_of(walltime: str | float) -> int:
    clock = _CLOCK.fullmatch(walltime) if isinstance(walltime, str) else None
    if clock is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    try:
        return int(parse_timedelta(walltime))
    except (ValueError, KeyError):
        raise SitespanError(
            "argument-unusable",
            f"The walltime {walltime!r} is not understood; write it as '12h', '12:00:00' or in"
            " seconds.",
        ) from None
