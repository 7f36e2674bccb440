"""What a pool's workers are like, in the words that Dask's users know."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dask.utils import parse_bytes, parse_timedelta


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
        How long a worker may live, ``"12h"`` or seconds.
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
            "memoryMb": None if self.memory is None else -(-parse_bytes(self.memory) // 10**6),
            "walltimeSeconds": (
                None if self.walltime is None else int(parse_timedelta(self.walltime))
            ),
            "python": self.python or sys.executable,
            "resources": None if self.resources is None else dict(self.resources),
        }
        return {key: value for key, value in wish.items() if value is not None}
