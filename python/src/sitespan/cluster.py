"""``sitespan.Cluster``: one Dask cluster over many sites (docs/python.md)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sitespan.cluster_making import ClusterMaking
from sitespan.kept_cluster import KeptCluster
from sitespan.own_cluster import own_cluster
from sitespan.pool import Pool

#: This computer, as a grid.
_HERE = "local"


class Cluster(KeptCluster):
    """One Dask cluster over many sites: made, or attached to where one of that name is open.

    Leaving a ``with`` block, or `close`, ends a cluster that this object has made, and leaves one
    that it found. A cluster that nobody closes outlives this process.

    Parameters
    ----------
    name
        Up to 40 letters, digits, ``-`` or ``_``. Without one: in a kernel of a cluster that
        cluster, elsewhere a new one.
    n_workers
        Scale the first pool to so many. Only when the cluster is made, as all down to `resources`.
    python
        Interpreter of scheduler and workers; this process's.
    sites
        This computer's sites and how many jobs each runs at once, ``{"north": 4}``; or the names
        of the sites of another `grid`. One site of this computer; of a grid, all that are open.
    grid
        Where the first pool's workers go: a grid that was added, "sitespan grid add". This
        computer.
    cores, memory, walltime, resources
        Of the first pool, ``main``: see `add_pool`.
    relay
        One that others run: ``{"address": "host:port", "key": FILE}`` (docs/python.md).
    create
        False: only attach.
    shutdown_on_close
        Whether `close` ends the cluster; if not given, when this object has made it.
    asynchronous, loop, quiet, scheduler_sync_interval
        As of distributed's own clusters.

    Raises
    ------
    SitespanError
        One sentence: what failed, where, and what to do.

    Examples
    --------
    >>> with sitespan.Cluster("ttbar", n_workers=4) as cluster, Client(cluster) as client:
    ...     client.submit(sum, [1, 2]).result()
    """

    _name = "sitespan.Cluster"

    def __init__(
        self,
        name: str | None = None,
        *,
        n_workers: int | None = None,
        python: str | None = None,
        sites: Mapping[str, int] | Sequence[str] | None = None,
        grid: str | None = None,
        cores: int | None = None,
        memory: str | int | None = None,
        walltime: str | float | None = None,
        resources: Mapping[str, float] | None = None,
        relay: Mapping[str, str] | None = None,
        create: bool = True,
        shutdown_on_close: bool | None = None,
        asynchronous: bool = False,
        loop: Any = None,
        quiet: bool = False,
        scheduler_sync_interval: float | str = "10s",
    ) -> None:
        name = name or own_cluster() or f"dask-{secrets.token_hex(4)}"
        names = None if sites is None else list(sites)
        is_elsewhere = grid not in (None, _HERE)
        making = ClusterMaking(
            name,
            create=create,
            python=python,
            local_sites=sites if isinstance(sites, Mapping) and not is_elsewhere else None,
            grid=grid if is_elsewhere else None,
            sites=names or (),
            relay=relay,
        )
        super().__init__(
            making,
            Pool(names, grid, cores, memory, walltime, python, resources),
            n_workers=n_workers,
            shutdown_on_close=shutdown_on_close,
            ends_with_process=False,
            asynchronous=asynchronous,
            loop=loop,
            quiet=quiet,
            scheduler_sync_interval=scheduler_sync_interval,
        )
