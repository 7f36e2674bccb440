"""What our program is told when a cluster is to be made: the stdin of ``sitespan ensure``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dask.config

_FILES_OF_RELAY = ("key", "ca")


@dataclass(frozen=True)
class ClusterMaking:
    """How a cluster is made where there is none of its name.

    Attributes
    ----------
    name
        The cluster's.
    create
        False: only one that is there.
    python
        Interpreter of scheduler and kernels; this process's.
    local_sites
        This computer's sites, and how many jobs each runs at once.
    grid
        Where the first pool's workers go: the name of a grid that was added, or what is known of
        one that was not (``gridClues`` of src/terminal/ensureWish.ts). This computer.
    sites
        Of `grid`, in any case of letters; all that are open.
    environment
        Of the workers there, as of ``sitespan up --worker-environment``; else the pool's `python`.
    relay
        One that others run: ``address`` (``"host:port"``), ``key`` (a file) and, where needed,
        ``ca`` (a file), ``name``, ``tenant``. As Dask's configuration says under
        ``sitespan.relay``, else one of the cluster's own, on this computer.
    """

    name: str
    create: bool = True
    python: str | None = None
    local_sites: Mapping[str, int] | None = None
    grid: str | Mapping[str, str] | None = None
    sites: Sequence[str] = ()
    environment: str | None = None
    relay: Mapping[str, str] | None = None

    def wish(self) -> dict[str, object]:
        """Return it as our program reads it."""
        wish: dict[str, object] = {"create": self.create, "python": self.python or sys.executable}
        if self.local_sites is not None:
            local = [{"name": site, "slots": slots} for site, slots in self.local_sites.items()]
            wish["localSites"] = local
        relay = chosen_relay(self.relay)
        if relay is not None:
            wish["relay"] = {
                what: whole_path(value) if what in _FILES_OF_RELAY else value
                for what, value in relay.items()
            }
        if self.grid is not None:
            pool: dict[str, object] = {"grid": self.grid, "sites": list(self.sites)}
            if self.environment is not None:
                pool["environment"] = self.environment
            wish["pool"] = pool
        return wish


def chosen_relay(relay: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return the relay that was given, else that of Dask's configuration, else none."""
    if relay is not None:
        return relay
    configured: Mapping[str, str] | None = dask.config.get("sitespan.relay", None)
    return configured


def whole_path(path: str | os.PathLike[str]) -> str:
    """Return it from the root: our program, and the cluster, run in other folders."""
    return os.path.abspath(os.path.expanduser(path))
