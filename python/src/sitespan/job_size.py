"""How many jobs that is, said in the words of dask-jobqueue: jobs, cores, memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sitespan.errors import SitespanError
from sitespan.pool import bytes_of


@dataclass(frozen=True)
class JobSize:
    """What one job has, which is one worker.

    Attributes
    ----------
    cores
        At least 1.
    memory
        ``"24 GB"`` or bytes; None where it has no limit.
    """

    cores: int
    memory: str | int | None

    def at_least(
        self,
        *,
        jobs: Iterable[int | None] = (),
        cores: int | None = None,
        memory: str | int | None = None,
    ) -> int | None:
        """Return the number of jobs that have all of it; None where nothing was said."""
        asked = [count for count in jobs if count is not None]
        if cores is not None:
            asked.append(-(-cores // self.cores))
        if memory is not None:
            asked.append(-(-bytes_of(memory) // self._bytes))
        return max(asked, default=None)

    def at_most(
        self,
        *,
        jobs: Iterable[int | None] = (),
        cores: int | None = None,
        memory: str | int | None = None,
    ) -> int | None:
        """Return the number of jobs that exceed none of it; None where nothing was said."""
        asked = [count for count in jobs if count is not None]
        if cores is not None:
            asked.append(cores // self.cores)
        if memory is not None:
            asked.append(bytes_of(memory) // self._bytes)
        return min(asked, default=None)

    @property
    def _bytes(self) -> int:
        if self.memory is None:
            raise SitespanError(
                "argument-unusable",
                "How many workers have so much memory is not known, since they have no limit of"
                " it; give the cluster memory=, or a number of jobs.",
            )
        return bytes_of(self.memory)
